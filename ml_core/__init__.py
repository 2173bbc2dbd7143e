"""Compute tier: embeds photos, fits heads, predicts. Stateless behind gRPC.

Knows nothing of Streamlit, groups, classes or the database; importing it imports no torch.
"""
