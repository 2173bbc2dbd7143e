# The images of both tiers and of development, from one base: `docker build --target web|ml-cpu|ml-gpu|dev .`
# They run as user 10001 with a read-only root; only /tmp and /var/lib/classroom need to be writable.
#
# The tag is a full version. Whoever builds for production gives the digest that they have looked at:
# --build-arg PYTHON_IMAGE=python:3.11.15-slim-bookworm@sha256:…
ARG PYTHON_IMAGE=python:3.11.15-slim-bookworm
# The backbone of the compute tier: its weights are put into the image `ml-gpu`, which runs it unless it is told
# otherwise. `ml-cpu` has the default one, and no torch.
ARG BACKBONE=efficientnet_lite0

# hadolint ignore=DL3006
FROM ${PYTHON_IMAGE} AS base
ENV HOME=/tmp \
    PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /app
# Named volumes take their owner from these folders.
RUN groupadd --gid 10001 app \
 && useradd --uid 10001 --gid app --no-create-home --home-dir /tmp --shell /usr/sbin/nologin app \
 && install -d -o app -g app -m 0700 /var/lib/classroom /var/lib/classroom-certs

# -- packages: uv and its cache stay in these stages ------------------------------------------------------

FROM base AS packages
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never
COPY requirements/uv.txt requirements/
RUN python -m pip install --no-cache-dir --require-hashes --requirement requirements/uv.txt \
 && uv venv /opt/venv

# `--build-arg TRACES=1` for images that can send traces.
FROM packages AS web-packages
ARG TRACES=
COPY requirements/web.txt requirements/trace.txt requirements/
RUN uv pip install --no-cache --require-hashes --python /opt/venv/bin/python \
    --requirements requirements/web.txt ${TRACES:+--requirements requirements/trace.txt}

# What guesses on the iPads: of the npm package's files three, and nothing of node.
FROM packages AS on-ipads
COPY package.json package-lock.json ./
COPY requirements/node.txt requirements/runtime.sh requirements/
RUN bash requirements/runtime.sh "$(command -v uv)" /opt/onnxruntime-web

FROM packages AS ml-cpu-packages
ARG TRACES=
COPY requirements/ml-cpu.txt requirements/trace.txt requirements/
RUN uv pip install --no-cache --require-hashes --python /opt/venv/bin/python \
    --requirements requirements/ml-cpu.txt ${TRACES:+--requirements requirements/trace.txt}

FROM packages AS ml-gpu-packages
ARG TRACES=
COPY requirements/ml-gpu.txt requirements/trace.txt requirements/
RUN uv pip install --no-cache --require-hashes --python /opt/venv/bin/python \
    --requirements requirements/ml-gpu.txt ${TRACES:+--requirements requirements/trace.txt}

# The weights of the one backbone: from torchvision's own address, checked against their hash. Those of the default
# come with a package, and nothing is downloaded.
FROM ml-gpu-packages AS ml-weights
ARG BACKBONE
ENV TORCH_HOME=/opt/weights
COPY ml_core/ ml_core/
RUN install -d "$TORCH_HOME" \
 && python -m ml_core weights --backbone "$BACKBONE"

FROM ml-gpu-packages AS dev-packages
COPY requirements/web.txt requirements/dev.txt requirements/
RUN uv pip install --no-cache --require-hashes --python /opt/venv/bin/python \
    --requirements requirements/web.txt --requirements requirements/dev.txt

# -- images: no build tool, not even pip ------------------------------------------------------------------

FROM base AS runtime
RUN /usr/local/bin/python -m pip uninstall --yes --quiet pip setuptools wheel

# The web tier. Of ml_core it has the contract alone; no torch.
FROM runtime AS web
COPY --from=web-packages /opt/venv /opt/venv
COPY --from=on-ipads /opt/onnxruntime-web /opt/venv/share/onnxruntime-web
COPY ml_core/__init__.py ml_core/
COPY ml_core/contract/ ml_core/contract/
COPY .streamlit/config.toml .streamlit/
COPY pages/ pages/
COPY classroom_app/ classroom_app/
RUN python -m compileall -q classroom_app ml_core pages
ENV CLASSROOM_DATA_DIR=/var/lib/classroom \
    CLASSROOM_HOST=0.0.0.0 \
    CLASSROOM_TLS=off
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "classroom_app"]
CMD ["web"]

# The compute tier on machines without a GPU. Packages come before code: a release sends the code alone.
FROM runtime AS ml-cpu
COPY --from=ml-cpu-packages /opt/venv /opt/venv
COPY ml_core/ ml_core/
RUN python -m compileall -q ml_core
ENV ML_CORE_SOCKET=/tmp/ml_core.sock
USER 10001:10001
EXPOSE 50051
# Over the socket: it needs neither the port nor a certificate, whatever the command says of them.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-m", "ml_core", "health"]
ENTRYPOINT ["python", "-m", "ml_core"]
# Without certificates it listens on loopback alone; see compose.yaml for a command with them.
CMD ["serve", "--no-reflection"]

# The compute tier on GPUs. CUDA comes with the torch wheels; the driver is the machine's.
FROM runtime AS ml-gpu
ARG BACKBONE
COPY --from=ml-gpu-packages /opt/venv /opt/venv
COPY --from=ml-weights /opt/weights /opt/weights
COPY ml_core/ ml_core/
RUN python -m compileall -q ml_core
ENV ML_CORE_BACKBONE=${BACKBONE} \
    ML_CORE_SOCKET=/tmp/ml_core.sock \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    NVIDIA_VISIBLE_DEVICES=all \
    TORCH_HOME=/opt/weights
USER 10001:10001
EXPOSE 50051
# Over the socket: it needs neither the port nor a certificate, whatever the command says of them.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 \
  CMD ["python", "-m", "ml_core", "health"]
ENTRYPOINT ["python", "-m", "ml_core"]
# Without certificates it listens on loopback alone; see compose.yaml for a command with them.
CMD ["serve", "--no-reflection"]

# Both tiers with tests and linters; the code belongs to the user, so that it can be replaced while it runs.
FROM runtime AS dev
COPY --from=dev-packages /opt/venv /opt/venv
COPY --chown=10001:10001 . .
ENV CLASSROOM_DATA_DIR=/var/lib/classroom \
    CLASSROOM_HOST=0.0.0.0 \
    CLASSROOM_TLS=off \
    ML_CORE_SOCKET=/tmp/ml_core.sock
USER 10001:10001
EXPOSE 8501
HEALTHCHECK NONE
CMD ["python", "-m", "classroom_app", "web"]
