# Pramaan in a container: user "node" (1000), a root file system that may be read-only, one folder that is written: /data.
#
# Checked without a container engine (tests/architecture/containers.test.ts parses and lints it; what its steps do was done by hand
# in a folder). It has not been built by an engine yet: docs/running.md says how to try it.

FROM node:26.10.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are Node itself, for machines that have none new enough.
RUN npm ci --omit=dev --omit=optional
COPY bin ./bin
COPY contracts ./contracts
COPY projections ./projections
COPY src ./src
# What Node makes of the TypeScript is kept beside the packages by a first start: where nothing can be written it would otherwise be
# made again at each start, in each thread. Node keeps it by user, so this is done by the one who runs it later.
RUN mkdir -p node_modules/.cache/pramaan && chown node:node node_modules/.cache/pramaan
USER node
RUN PRAMAAN_DATA_DIR=/tmp/first-start PRAMAAN_PORT=0 PRAMAAN_LOG_LEVEL=error PRAMAAN_API_KEY=first-start PRAMAAN_API_SECRET=first-start \
    timeout --preserve-status --signal=TERM 10 node bin/pramaan.mjs serve

FROM node:26.10.0-bookworm-slim
WORKDIR /app
COPY --from=build /app ./
RUN mkdir /data && chown node:node /data
ENV NODE_ENV=production PRAMAAN_HOST=0.0.0.0 PRAMAAN_PORT=8080 PRAMAAN_DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PRAMAAN_PORT + '/health/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/pramaan.mjs"]
CMD ["serve"]
