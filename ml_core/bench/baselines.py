"""What a class would otherwise use, for the bench: two well-known heads on the same frozen features."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from ml_core.learn.head import Floats, Ints

# Rows and labels to fit on, rows to score, how many labels there are and a seed -> [rows, labels]: scores, of
# which the highest is the guess.
Baseline = Callable[[Floats, Ints, Floats, int, int], Floats]
TEACHABLE_MACHINE = "teachable-machine"
LOGISTIC_REGRESSION = "logistic-regression"
PACKAGES = {TEACHABLE_MACHINE: "torch", LOGISTIC_REGRESSION: "sklearn"}


def teachable_machine(rows: Floats, labels: Ints, tests: Floats, label_count: int, seed: int) -> Floats:
    """Teachable Machine's recipe for images (googlecreativelab/teachablemachine-community,
    libraries/image: a dense layer of 100 with relu and a softmax; Adam, learning rate 0.001,
    batches of 16, 50 epochs), on one plain view per photo."""
    import torch

    torch.manual_seed(seed)
    x, y = torch.from_numpy(rows), torch.from_numpy(labels)
    net = torch.nn.Sequential(
        torch.nn.Linear(x.shape[1], 100), torch.nn.ReLU(), torch.nn.Linear(100, label_count)
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
    for _ in range(50):
        for batch in torch.split(torch.randperm(len(x)), 16):
            optimizer.zero_grad()
            loss: Any = torch.nn.functional.cross_entropy(net(x[batch]), y[batch])
            loss.backward()
            optimizer.step()
    with torch.inference_mode():
        return np.asarray(net(torch.from_numpy(tests)).numpy(), np.float32)


def logistic_regression(rows: Floats, labels: Ints, tests: Floats, label_count: int, seed: int) -> Floats:
    """scikit-learn's LogisticRegression with its defaults, on one plain view per photo. Every label needs
    a row."""
    from sklearn.linear_model import LogisticRegression

    del label_count
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says when it has not converged; its defaults are the baseline
        scores = LogisticRegression(random_state=seed).fit(rows, labels).decision_function(tests)
    if scores.ndim == 1:  # of two labels it says the second one's alone
        scores = np.stack([np.zeros_like(scores), scores], axis=1)
    return np.asarray(scores, np.float32)
