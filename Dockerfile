# The image of the examples, from the sources:
#
#   docker build --tag byssus .
#   docker run --rm --publish 1234:1234 byssus echo --port 1234
#
# After the first stage it is Dockerfile.dist.

ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-25
ARG JDK_IMAGE=eclipse-temurin:25-jdk
ARG BASE_IMAGE=debian:12-slim

# ---- The build ----------------------------------------------------------------------------------------
FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY . .
RUN mvn -q --batch-mode -pl examples -am -Dmaven.test.skip=true -Dbyssus.skip.checks=true clean package

# ---- A Java runtime of the modules that the examples need -------------------------------------------
FROM ${JDK_IMAGE} AS runtime
COPY docker/link-runtime /tmp/
RUN sh /tmp/link-runtime /opt/java

# ---- The image ----------------------------------------------------------------------------------------
FROM ${BASE_IMAGE}
COPY docker/healthcheck docker/train /opt/byssus/bin/
COPY --from=runtime /opt/java /opt/java
COPY config/jvm.options /opt/byssus/
COPY --from=build /src/examples/target/dist /opt/byssus/lib
# Where it runs is where it is trained: the cache names each jar by its path and time.
RUN bash /opt/byssus/bin/train && rm /opt/byssus/bin/train

LABEL org.opencontainers.image.title="Byssus examples" \
      org.opencontainers.image.description="Servers on Byssus: shared-nothing fibers for Java" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nobody in particular, as which Kubernetes too can see that it is not root.
USER 65534:65534
WORKDIR /
EXPOSE 1234
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=2s CMD ["/opt/byssus/bin/healthcheck"]
ENTRYPOINT ["/opt/java/bin/java", "@/opt/byssus/jvm.options", "-XX:AOTCache=/opt/byssus/examples.aot", \
            "-jar", "/opt/byssus/lib/byssus-examples.jar"]
CMD ["list"]
