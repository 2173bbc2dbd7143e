"""The address without a page: leads each visitor to where they belong."""
