"""Blobs and published logs in an object store that speaks S3 (extra `objects`)."""
