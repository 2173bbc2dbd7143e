"""Compute tier: embeds photos, fits heads, predicts. Stateless behind gRPC.

Importing it imports no torch.
"""
