package io.byssus.runtime.os;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;

/**
 * The one class that knows how a virtual thread gets a scheduler of our own on JDK 25.
 *
 * <p>There is no public API for it yet, so this opens {@code java.lang} with a single private
 * lookup, resolves two members once, and offers them as constant method handles. A later JDK's
 * public scheduler API replaces the inside of this class and nothing else.
 *
 * <p><b>Ownership:</b> any thread.
 */
public final class Loom {
    private static final MethodHandle CURRENT_CARRIER;
    private static final MethodHandle NEW_BUILDER;
    private static final VarHandle CARRIER;
    private static final MethodHandle THREAD_LOCALS;
    private static final MethodHandle INHERITABLE_THREAD_LOCALS;
    private static final String UNAVAILABLE;

    static {
        MethodHandle currentCarrier = null;
        MethodHandle newBuilder = null;
        VarHandle carrier = null;
        MethodHandle threadLocals = null;
        MethodHandle inheritableThreadLocals = null;
        String unavailable = null;
        try {
            MethodHandles.Lookup lookup =
                    MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
            currentCarrier =
                    lookup.findStatic(
                            Thread.class,
                            "currentCarrierThread",
                            MethodType.methodType(Thread.class));
            Class<?> builder = lookup.findClass("java.lang.ThreadBuilders$VirtualThreadBuilder");
            newBuilder =
                    lookup.findConstructor(
                                    builder, MethodType.methodType(void.class, Executor.class))
                            .asType(
                                    MethodType.methodType(
                                            Thread.Builder.OfVirtual.class, Executor.class));
            Class<?> virtual = lookup.findClass("java.lang.VirtualThread");
            carrier =
                    MethodHandles.privateLookupIn(virtual, MethodHandles.lookup())
                            .findVarHandle(virtual, "carrierThread", Thread.class);
            threadLocals = threadLocals(lookup, "threadLocals");
            inheritableThreadLocals = threadLocals(lookup, "inheritableThreadLocals");
        } catch (IllegalAccessException e) {
            unavailable = missingOpens();
        } catch (ReflectiveOperationException e) {
            unavailable = wrongJdk();
        }
        CURRENT_CARRIER = currentCarrier;
        NEW_BUILDER = newBuilder;
        CARRIER = carrier;
        THREAD_LOCALS = threadLocals;
        INHERITABLE_THREAD_LOCALS = inheritableThreadLocals;
        UNAVAILABLE = unavailable;
    }

    private Loom() {}

    /**
     * Fails when virtual threads cannot be given a scheduler on this JVM.
     *
     * @throws UnsupportedOperationException with one sentence that says what to add or to install
     */
    public static void requireAvailable() {
        if (UNAVAILABLE != null) {
            throw new UnsupportedOperationException(UNAVAILABLE);
        }
    }

    /** The platform thread under the calling virtual thread, or the calling platform thread. */
    public static Thread currentCarrier() {
        try {
            return (Thread) CURRENT_CARRIER.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * The platform thread that {@code virtualThread} is mounted on at this moment, or null. From
     * any thread, and without a lock.
     */
    public static Thread carrierOf(Thread virtualThread) {
        return (Thread) CARRIER.getVolatile(virtualThread);
    }

    /** Whether {@link #currentCarrier} may be called at all. */
    public static boolean isAvailable() {
        return UNAVAILABLE == null;
    }

    /**
     * The virtual thread that {@code task}, which a scheduler was given, continues; or null if it
     * is no such task, or this JDK hides it in another way than we know.
     */
    public static Thread threadOf(Runnable task) {
        return ContinuationTasks.threadOf(task);
    }

    /**
     * A builder of virtual threads that run on {@code scheduler}; their children inherit it.
     *
     * @param scheduler must accept a task from any thread and never throw
     */
    public static Thread.Builder.OfVirtual newBuilder(Executor scheduler) {
        requireAvailable();
        try {
            return (Thread.Builder.OfVirtual) NEW_BUILDER.invokeExact(scheduler);
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /** Whether {@code thread}, which is the calling one, has thread-locals of its own. */
    public static boolean hasThreadLocals(Thread thread) {
        try {
            return (Object) THREAD_LOCALS.invokeExact(thread) != null;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Whether {@code thread}, which is the calling one, has thread-locals that children inherit.
     */
    public static boolean hasInheritableThreadLocals(Thread thread) {
        try {
            return (Object) INHERITABLE_THREAD_LOCALS.invokeExact(thread) != null;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static MethodHandle threadLocals(MethodHandles.Lookup lookup, String field)
            throws ReflectiveOperationException {
        Class<?> map = lookup.findClass("java.lang.ThreadLocal$ThreadLocalMap");
        return lookup.findGetter(Thread.class, field, map)
                .asType(MethodType.methodType(Object.class, Thread.class));
    }

    /**
     * A continuation is submitted as {@code this::runContinuation} of its virtual thread, which the
     * JDK compiles to a hidden class with the thread in its only field.
     */
    private static final class ContinuationTasks {
        private static final String CAPTURED = "arg$1";

        /** Of the class that was asked for last: there is one as a rule. */
        private static volatile Getter last = new Getter(Object.class, null);

        private record Getter(Class<?> type, MethodHandle handle) {}

        static Thread threadOf(Runnable task) {
            Getter getter = last;
            if (getter.type != task.getClass()) {
                getter = new Getter(task.getClass(), find(task.getClass()));
                last = getter;
            }
            if (getter.handle == null) {
                return null;
            }
            try {
                return (Thread) getter.handle.invokeExact(task);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        private static MethodHandle find(Class<?> type) {
            if (!type.isHidden() || type.getClassLoader() != null) {
                return null;
            }
            try {
                MethodHandles.Lookup lookup =
                        MethodHandles.privateLookupIn(type, MethodHandles.lookup());
                Class<?> captured = lookup.findClass("java.lang.VirtualThread");
                return lookup.findGetter(type, CAPTURED, captured)
                        .asType(MethodType.methodType(Thread.class, Runnable.class));
            } catch (ReflectiveOperationException e) {
                return null; // another kind of task
            }
        }
    }

    private static String wrongJdk() {
        return "Byssus needs a JDK 25; this is "
                + System.getProperty("java.vm.name")
                + " "
                + System.getProperty("java.version");
    }

    private static String missingOpens() {
        Module module = Loom.class.getModule();
        String target = module.isNamed() ? module.getName() : "ALL-UNNAMED";
        return "Byssus needs --add-opens=java.base/java.lang="
                + target
                + " on the java command line (java -jar reads it from the jar's manifest)";
    }
}
