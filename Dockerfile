# The image of the server: `docker build .` makes the one for production, `docker build --target demo .` the demo, with a Postgres in it.
#
# .dockerignore leaves git's folder out, so BUILD_COMMIT and SOURCE_DATE_EPOCH say what is built, and VERSION which version that is: `.ci/release`
# and `.ci/kit` take them from git and Cargo.toml.
ARG RUST=docker.io/library/rust:1.95.0-slim-bookworm
ARG DEBIAN=docker.io/library/debian:bookworm-slim

FROM ${RUST} AS source
# The toolchain of this image: what rust-toolchain.toml asks for besides is not needed to build.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /source
COPY . .

FROM source AS build
ARG BUILD_COMMIT=
ARG SOURCE_DATE_EPOCH=
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build -p oneroster --profile dist --locked --no-default-features --features check,openid \
    && install -D target/dist/oneroster /out/oneroster

FROM source AS build-demo
ARG BUILD_COMMIT=
ARG SOURCE_DATE_EPOCH=
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/source/target \
    cargo build -p oneroster --profile dist --locked --no-default-features --features check,openid,demo \
    && install -D target/dist/oneroster /out/oneroster

FROM ${DEBIAN} AS base
# Certificates: signing in by OpenID Connect and `oneroster check` ask other servers. The first folder is for the audit trail, the other for a demo.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/* \
    && groupadd --gid 10001 oneroster \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin oneroster \
    && install -d -o 10001 -g 10001 -m 700 /var/lib/oneroster-audit /var/lib/oneroster
ARG VERSION=
ARG BUILD_COMMIT=
LABEL org.opencontainers.image.title="oneroster" \
      org.opencontainers.image.description="OneRoster 1.1 provider in front of Informat, for Microsoft School Data Sync" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${BUILD_COMMIT}"
ENV ONEROSTER_LISTEN=0.0.0.0:8080
EXPOSE 8080
USER 10001:10001
WORKDIR /
# It asks the address that the settings name.
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["oneroster", "healthcheck"]
ENTRYPOINT ["oneroster"]

FROM base AS demo
USER 0:0
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-15 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/* /var/log/*
USER 10001:10001
COPY --from=build-demo /out/oneroster /usr/bin/oneroster
ENV ONEROSTER_DATA_DIR=/var/lib/oneroster
VOLUME /var/lib/oneroster
CMD ["demo"]

FROM base AS production
COPY --from=build /out/oneroster /usr/bin/oneroster
# With the list of what it is made of, if `.ci/sbom` has made one.
COPY LICENSE dist/oneroster.cdx.jso[n] /usr/share/doc/oneroster/
ENV ONEROSTER_AUDIT_DIR=/var/lib/oneroster-audit
VOLUME /var/lib/oneroster-audit
CMD ["serve"]
