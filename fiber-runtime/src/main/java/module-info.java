/** Shards, fibers, timers, buffers: a shared-nothing runtime on virtual threads. */
@SuppressWarnings({"module", "requires-automatic", "requires-transitive-automatic"})
module io.byssus.runtime {
    requires org.jctools.core.jdk11;
    requires transitive micrometer.core;
    requires transitive info.picocli;
    requires static context.propagation;
    requires java.management;
    requires jdk.management;
    requires static jdk.jfr; // a run time without it can make no recordings anyway
    requires jdk.unsupported;

    exports io.byssus.runtime;
    exports io.byssus.runtime.diagnostics;
    exports io.byssus.runtime.fiber;
    exports io.byssus.runtime.memory;
    exports io.byssus.runtime.metrics;
    exports io.byssus.runtime.shard;
    exports io.byssus.runtime.sync;
    exports io.byssus.runtime.time;
    exports io.byssus.runtime.reactor;
    exports io.byssus.runtime.os to
            io.byssus.net,
            io.byssus.stack;
    exports io.byssus.runtime.log to
            io.byssus.net,
            io.byssus.stack;

    opens io.byssus.runtime to
            info.picocli;

    uses io.byssus.runtime.reactor.ReactorBackendProvider;
    uses io.byssus.runtime.shard.ShardExtension;
}
