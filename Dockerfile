# Fig alone, as `fig serve` runs it: no database, no PHP, no flag server in it. See docs/docker.md.
ARG BASE=docker.io/library/node:26-bookworm-slim

FROM ${BASE} AS packages
WORKDIR /fig
COPY package.json package-lock.json ./
# The image brings its own Node; the one that npm pins for machines with an old Node would only double it.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && rm -rf node_modules/node-linux-* node_modules/node-bin-* node_modules/node-darwin-* node_modules/.bin

FROM ${BASE}
WORKDIR /fig
COPY --from=packages /fig/node_modules ./node_modules
COPY . .
# A number, not a name: every base has it, and Kubernetes can see that it isn't root.
RUN mkdir -p /var/lib/fig && chown 10001:10001 /var/lib/fig
USER 10001:10001
VOLUME /var/lib/fig
ENV NODE_ENV=production \
    FIG_MODE=production \
    FIG_HOST=0.0.0.0 \
    FIG_PORT=8080 \
    FIG_OPERATOR_PORT=9901 \
    FIG_DATA_DIR=/var/lib/fig
EXPOSE 8080 9901
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.FIG_OPERATOR_PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/fig.mjs"]
CMD ["serve", "--json"]
