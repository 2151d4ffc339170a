"""Model versions measured on dataset versions: metrics with intervals, slices, samples, comparisons."""
