"""Web tier: pages, routes, the state of a class. It owns every row and every photo.

Of ml_core it takes `ml_core.contract` alone.
"""
