"""Moving house: what another place that speaks Scale's task API has, copied into this installation.

It reads only what any client may read, writes each thing once whatever happens in between, and compares at the end.
"""
