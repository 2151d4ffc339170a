"""``segmentannotation``: every pixel of a picture has a label; the encodings of it as PNG files."""
