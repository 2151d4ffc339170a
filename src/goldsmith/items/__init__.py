"""Units of data: ingest, media probing, blobs, metadata."""
