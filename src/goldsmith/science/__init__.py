"""Pure numbers of label quality and evaluation: arrays in, arrays out; imports numpy, and scipy only when asked for.

Nothing here knows of projects, members or files: the caller gives indices (image, annotator, class) and keeps what they
stand for. Randomness is an argument. Every function says what it does where nothing can be said: no votes, one
annotator, no gold.

What several annotators marked:
    marks               ``Marks`` (objects as columns), ``Looks`` (who looked where)
    boxes, polygons     areas, IoU, exact for polygons with holes
    forms               places, lines and pixels, and how alike two of them are
    matching            ``cluster_marks``: which marks mean the same object, at most one of each annotator; ``link``
    consensus           ``fit_detection_skill`` and ``resolve_detections``: existence by capture and recapture, class
                        by confusion, shape by precision, a posterior for each object; ``expected_missing``
    agreement           ``detection_agreement``; ``krippendorff_alpha``, ``value_alpha`` (every scale),
                        ``distance_alpha`` (any distance), ``fleiss_kappa``, ``gwet_ac1``, ``cohen_kappa``,
                        ``pair_agreement``, ``class_agreement``; all with intervals
    skill               ``detection_evidence``, ``label_evidence`` -> ``annotator_skill``, ``class_skill``
    signals             ``vote_signals``, ``object_signals``: spam, copying, straight-lining, haste, drift, each with
                        its p-value and the numbers it rests on
    simulation          ``SimulatedAnnotator``, ``simulate_crowd``

What several annotators said, made one, with everybody's skill:
    votes               one of K labels: ``auto``, and the models by name; ``LiveVotes`` takes single votes
    texts               ``resolve_texts``: merged word by word or chosen; ``word_error_rate``, ``text_distances``
    numbers             ``resolve_numbers`` (bias and precision), ``resolve_ratings`` (lenient and strict),
                        ``fit_span_skill`` and ``resolve_spans`` (time intervals, text spans)
    medians             ``weighted_median`` by group
    ranking             ``bradley_terry``, ``crowd_bradley_terry``, ``plackett_luce``: strengths with intervals
    masks               ``fit_mask_skill`` and ``resolve_masks``: STAPLE in the disputed band, or majorities
    keypoints           ``resolve_keypoints``, ``match_points``; ``merge_lines``, ``frechet_distance``

What a model says against labels:
    label_errors        ``class_label_errors`` (confident learning), ``detection_label_errors``: ranked, with reasons

What a model found:
    detection_metrics   ``evaluate_coco`` (equal to pycocotools), ``precision_recall_curves``, ``confusion_matrix``,
                        ``evaluate_slices``, ``image_statistics`` -> ``bootstrap_intervals``, ``paired_comparison``,
                        ``detection_errors`` (after TIDE), ``image_scores``, ``found_objects``

Shares and choices:
    sampling            ``wilson_interval``, ``clopper_pearson_interval``, ``lowest_share``, ``expected_gain``,
                        ``gain_order``
    auditing            ``audit_bounds``, ``SequentialAudit``, ``needed_sample``, ``draw_by_size``, ``order_by_size``:
                        what share is right, by bounds that hold whenever one stops
    costs               ``label_cost``, ``active_time``
    calibration         ``reliability``: do stated probabilities come true
"""
