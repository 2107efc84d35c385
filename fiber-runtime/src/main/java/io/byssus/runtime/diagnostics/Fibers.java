package io.byssus.runtime.diagnostics;

import io.byssus.runtime.fiber.Cancellations;
import io.byssus.runtime.os.Affinity;
import io.byssus.runtime.reactor.Reactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Dumps of all fibers: who they are, what they do, what they wait for, and where.
 *
 * <p>A dump is taken off the shards, which go on meanwhile: it is no picture of one moment, but
 * nothing waits for it. It lists every {@link io.byssus.runtime.fiber.Fiber} of every shard of
 * every runtime in this process, also of a shard that a fiber holds, and whether or not the JVM
 * tracks virtual threads; other virtual threads are {@code jcmd PID Thread.dump_to_file}'s
 * business. Fibers that wait for each other in a ring are named first. A ring is seen if what they
 * are parked for is {@link io.byssus.runtime.fiber.Awaited}, as locks and joins of this runtime
 * are; or a lock of java.util.concurrent, if the JVM was started with {@code
 * --add-opens=java.base/java.util.concurrent.locks} for this module.
 *
 * <p>A program that was started by {@code Byssus.run} writes a dump to its standard error stream
 * when it is sent SIGUSR1; and while a runtime runs in a JVM with JMX, so does the operation {@code
 * dump} of the MXBean {@code io.byssus:type=Fibers}, to its caller.
 *
 * <p><b>Ownership:</b> any thread; a fiber that calls is parked meanwhile.
 */
public final class Fibers {
    private Fibers() {}

    /** All fibers, as text for people: {@link FiberDump#toString}. */
    public static String dump() {
        return snapshot().toString();
    }

    /**
     * As {@link #dump()}, written to {@code out}.
     *
     * @throws IOException if {@code out} fails
     */
    public static void dump(Appendable out) throws IOException {
        snapshot().writeTo(out, DumpOptions.defaults().namesMax());
    }

    /**
     * As {@link #dump()}, with every name, written to {@code file}, which is made or overwritten.
     *
     * @throws IOException if it cannot be written
     */
    public static void dump(Path file) throws IOException {
        FiberDump dump = snapshot();
        try (var out = Files.newBufferedWriter(file)) {
            dump.writeTo(out, Integer.MAX_VALUE);
        }
    }

    /** All fibers, as data, with what {@link DumpOptions#defaults} asks for. */
    public static FiberDump snapshot() {
        return snapshot(DumpOptions.defaults());
    }

    /**
     * All fibers, as data.
     *
     * @throws io.byssus.runtime.fiber.FiberCancelledException if the calling fiber is cancelled
     */
    public static FiberDump snapshot(DumpOptions options) {
        Dumper dumper = new Dumper(options);
        List<RunningRuntimes.Entry> runtimes = RunningRuntimes.all();
        if (!Thread.currentThread().isVirtual() || Reactor.currentOrNull() == null) {
            return dumper.dump(runtimes);
        }
        CompletableFuture<FiberDump> dump = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .name("byssus-dump")
                .start(() -> {
                    Affinity.bindThread(Affinity.ofProcess()); // it has inherited the shard's
                    try {
                        dump.complete(dumper.dump(runtimes));
                    } catch (Throwable e) {
                        dump.completeExceptionally(e);
                    }
                });
        try {
            return dump.get();
        } catch (InterruptedException e) {
            throw Cancellations.exception("Fibers.snapshot");
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /**
     * Has the dumps show the fibers of these shards; for a runtime, as it starts.
     *
     * @return takes them back; for the runtime, as it stops
     */
    public static Runnable attach(List<Reactor> shards) {
        RunningRuntimes.Entry runtime = RunningRuntimes.add(shards);
        FibersBean.runtimeAttached();
        return () -> {
            RunningRuntimes.remove(runtime);
            FibersBean.runtimeDetached();
        };
    }
}
