"""Web tier: pages, routes, the state of a class. It owns every row and every photo.

Knows nothing of torch; it takes from ml_core only the gRPC contract and the blob store.
"""
