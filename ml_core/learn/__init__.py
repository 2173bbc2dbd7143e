"""From features to a model: the head, its self-check, calibration, explanations, the model as bytes."""
