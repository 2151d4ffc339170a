"""What the steps stand on: database, blobs, jobs, engine, settings, telemetry, outgoing HTTP. No product rules."""
