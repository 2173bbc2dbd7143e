"""From a photo's bytes to features: views, backbones, the exported graph."""
