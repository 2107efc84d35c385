package io.byssus.runtime.diagnostics;

import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What is told about a stall, in words. */
final class StallText {
    private static final int FRAMES_MAX = 64;
    private static final long SECONDS_FROM_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_SECOND = 1e9;

    /** Below the code that somebody wrote there are frames that are the same for every fiber. */
    private static final String BELOW_A_FIBER =
            "java\\.lang\\.VirtualThread|java\\.lang\\.Thread|jdk\\.internal\\.vm\\..*"
                    + "|io\\.byssus\\.runtime\\.fiber\\.(Fiber|FiberContext|FiberRunners.*)"
                    + "|io\\.byssus\\.runtime\\.reactor\\.(Reactor|Carrier)"
                    + "|io\\.byssus\\.runtime\\.shard\\.(Shard|Shards|ShardCall)"
                    + "|io\\.byssus\\.runtime\\.Byssus";

    private StallText() {}

    /** The first line of a report. */
    static String report(int shard, Holder holder, StallKind kind, HeldTime time, boolean ended) {
        return "shard "
                + shard
                + (ended ? " was held for " : " has been held for ")
                + duration(time.totalNanos())
                + " by "
                + who(holder)
                + ", "
                + spent(kind, time);
    }

    static String who(Holder holder) {
        return holder.description() + " (group " + holder.group() + ")";
    }

    private static String spent(StallKind kind, HeldTime time) {
        StringBuilder text = new StringBuilder();
        if (kind == StallKind.ON_CPU) {
            text.append("on the processor for ").append(duration(time.runNanos()));
        } else {
            text.append("blocked for ").append(duration(time.blockedNanos()));
            text.append(time.waitsForDisk() ? " (now by a disk)" : "");
        }
        long others = time.descheduledNanos() + time.pausedNanos();
        if (others >= NANOS_PER_MILLI) {
            text.append(" (for ").append(duration(others)).append(" it was not its doing)");
        }
        return text.toString();
    }

    /** What to do about it. */
    static String advice(Holder holder, StallKind kind, StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            if (frame.getMethodName().equals("<clinit>")) {
                return "it initialises "
                        + frame.getClassName()
                        + ": load that class when the program starts, with Class.forName";
            }
            if (isOfLoading(frame)) {
                return "it loads classes: load them when the program starts, with Class.forName";
            }
            if (isOfLinking(frame)) {
                return "it links code that is new to the JVM: run that once when the program starts";
            }
        }
        if (holder.thread() == null) {
            return "this is the shard's own thread: what takes long belongs into a fiber";
        }
        if (kind == StallKind.ON_CPU) {
            return "Fiber.yieldIfNeeded() in its loop, or Blocking.call, would let others run";
        }
        String blocking = "Blocking.call would let others run";
        // A wait within the JVM shows no frame of its own; nor does a native call by method handle.
        return stack.length == 0 || stack[0].isNativeMethod()
                ? blocking
                : blocking
                        + "; or it waits for a class that another thread initialises: load that"
                        + " when the program starts";
    }

    private static boolean isOfLoading(StackTraceElement frame) {
        return frame.getClassName().equals("java.lang.ClassLoader")
                && frame.getMethodName().equals("loadClass");
    }

    /** Of lambdas, concatenations of strings and the like, at their first use. */
    private static boolean isOfLinking(StackTraceElement frame) {
        return frame.getClassName().equals("java.lang.invoke.MethodHandleNatives")
                && frame.getMethodName().startsWith("link");
    }

    /** The last line about a stall that was reported while it went on. */
    static String ended(int shard, Holder holder, StallKind kind, HeldTime time) {
        return "shard "
                + shard
                + " goes on: "
                + who(holder)
                + " held it for "
                + duration(time.totalNanos())
                + ", "
                + spent(kind, time);
    }

    /** About time that nobody here is to blame for. */
    static String pause(int shard, HeldTime time) {
        return "shard "
                + shard
                + " stood still for "
                + duration(time.totalNanos())
                + ", and no fiber is to blame: it waited for a processor for "
                + duration(time.descheduledNanos())
                + ", and the JVM was paused for "
                + duration(time.pausedNanos());
    }

    /** {@code stack} as lines that each begin with a line break. */
    static String lines(StackTraceElement[] stack) {
        int length = stack.length;
        while (length > 0 && stack[length - 1].getClassName().matches(BELOW_A_FIBER)) {
            length--;
        }
        if (length == 0) {
            length = stack.length; // nothing but those: better than nothing
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < Math.min(length, FRAMES_MAX); i++) {
            text.append("\n    at ").append(stack[i]);
        }
        if (length > FRAMES_MAX) {
            text.append("\n    ... ").append(length - FRAMES_MAX).append(" more");
        }
        return text.toString();
    }

    static String duration(long nanos) {
        return nanos < SECONDS_FROM_NANOS
                ? Math.round(nanos / NANOS_PER_MILLI) + " ms"
                : String.format(Locale.ROOT, "%.1f s", nanos / NANOS_PER_SECOND);
    }
}
