package io.byssus.runtime;

import io.byssus.runtime.diagnostics.Fibers;
import io.byssus.runtime.os.HostSystem;
import java.io.PrintStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * SIGINT and SIGTERM: the first asks the program to stop, the second ends the JVM at once. SIGUSR1
 * writes a dump of all fibers to the standard error stream, as the JVM does of its threads for
 * SIGQUIT, which cannot be taken over.
 *
 * <p>{@code sun.misc.Signal} is the only way to both (a shutdown hook cannot choose the exit code
 * and never learns of a second signal). It is reached by method handle, since its name in the
 * source is a compiler warning that cannot be suppressed.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class Signals {
    private static final String[] STOP = {"INT", "TERM"};
    private static final String DUMP = "USR1";

    /** What a shell reports for a process ended by signal n is 128 + n; SIGINT is 2. */
    private static final int EXIT_INTERRUPTED = 130;

    private final Runnable stop;
    private final AtomicBoolean signalled = new AtomicBoolean();

    private Signals(Runnable stop) {
        this.stop = stop;
    }

    /** From now on, the first signal runs {@code stop} on a thread of its own. */
    static void install(Runnable stop) {
        Signals signals = new Signals(stop);
        for (String name : STOP) {
            handle(name, signals::onStop);
        }
        if (!HostSystem.isWindows()) { // which has no such signal
            handle(DUMP, Signals::dump);
        }
    }

    private static void handle(String name, Runnable action) {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            MethodHandle newSignal =
                    lookup.findConstructor(signal, MethodType.methodType(void.class, String.class));
            MethodHandle handle =
                    lookup.findStatic(
                            signal, "handle", MethodType.methodType(handler, signal, handler));
            MethodHandle onSignal =
                    MethodHandles.dropArguments(
                            lookup.findVirtual(
                                            Runnable.class,
                                            "run",
                                            MethodType.methodType(void.class))
                                    .bindTo(action),
                            0,
                            Object.class);
            Object proxy = MethodHandleProxies.asInterfaceInstance(handler, onSignal);
            Object ignored = handle.invoke(newSignal.invoke(name), proxy);
            assert ignored != null;
        } catch (Throwable e) {
            // Without it (another JVM, a restricted one) the JVM's own handlers end the process.
            System.getLogger("io.byssus")
                    .log(System.Logger.Level.WARNING, "SIG" + name + " is not handled", e);
        }
    }

    private void onStop() {
        if (signalled.compareAndSet(false, true)) {
            stop.run();
        } else {
            Runtime.getRuntime().halt(EXIT_INTERRUPTED);
        }
    }

    /** In one piece, and not by way of the log, which may be what stands still. */
    private static void dump() {
        String dump = Fibers.dump();
        // allow StandardStreams: the JVM's own dumps go there, too
        PrintStream err = System.err;
        err.print(dump);
        err.flush();
    }
}
