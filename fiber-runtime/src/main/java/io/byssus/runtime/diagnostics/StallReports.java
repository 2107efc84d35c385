package io.byssus.runtime.diagnostics;

import io.byssus.runtime.log.ShardLog;
import io.byssus.runtime.os.Loom;
import io.byssus.runtime.time.Clock;
import java.util.concurrent.Executor;
import jdk.jfr.FlightRecorder;

/**
 * Tells one shard's stalls to the log and to Flight Recorder. Names and figures go out with the
 * stack, or without it if that takes too long; then it follows.
 *
 * <p><b>Ownership:</b> confined to the sampler.
 */
final class StallReports {
    /** Whether this JVM has Flight Recorder: its module may have been left out. */
    private static final boolean RECORDER = hasRecorder();

    private static final StackTraceElement[] NO_STACK = {};

    private final int shard;
    private final HeldTime time;

    StallReports(int shard, HeldTime time) {
        this.shard = shard;
        this.time = time;
    }

    private static boolean hasRecorder() {
        try {
            Class<?> ignored = Class.forName("jdk.jfr.Event");
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    /** The stall goes on, and this is its stack. */
    void tell(Holder holder, StallKind kind, StackTraceElement[] stack) {
        String lines = StallText.lines(stack);
        ShardLog.warning(line(holder, kind, false, stack) + lines);
        record(holder, kind, false, lines);
    }

    /** The stall goes on, and its stack is not to be had yet. */
    void tellWithoutStack(Holder holder, StallKind kind) {
        ShardLog.warning(
                line(holder, kind, false, NO_STACK)
                        + "; its stack follows at the JVM's next safepoint");
        record(holder, kind, false, "");
    }

    /** The stack has come after all, and the stall still goes on. */
    void tellLateStack(Holder holder, StallKind kind, StackTraceElement[] stack) {
        String lines = StallText.lines(stack);
        ShardLog.warning(
                "shard "
                        + shard
                        + " is still held by "
                        + StallText.who(holder)
                        + ", for "
                        + StallText.duration(time.totalNanos())
                        + "; "
                        + StallText.advice(holder, kind, stack)
                        + lines);
        record(holder, kind, false, lines);
    }

    /** The stall has ended before its stack was there. */
    void tellEndedWithoutStack(Holder holder, StallKind kind) {
        ShardLog.warning(
                line(holder, kind, true, NO_STACK) + "; it ended before its stack could be taken");
        record(holder, kind, true, "");
    }

    /** A stall that was told has ended. */
    void tellEnd(Holder holder, StallKind kind) {
        ShardLog.warning(StallText.ended(shard, holder, kind, time));
        record(holder, kind, true, "");
    }

    /** A stall that was held back has ended. */
    void recordEnd(Holder holder, StallKind kind) {
        record(holder, kind, true, "");
    }

    /** {@code count} were held back in the last minute. */
    void tellHeldBack(long count) {
        ShardLog.warning(
                "shard "
                        + shard
                        + ": "
                        + count
                        + (count == 1 ? " more stall" : " more stalls")
                        + " within a minute, not reported one by one");
    }

    /** Nobody is to blame. */
    void tellPause() {
        ShardLog.debug(StallText.pause(shard, time), null);
        record(null, StallKind.PAUSED, true, "");
    }

    private String line(Holder holder, StallKind kind, boolean ended, StackTraceElement[] stack) {
        return StallText.report(shard, holder, kind, time, ended)
                + "; "
                + StallText.advice(holder, kind, stack);
    }

    /**
     * Loads and links what the first report needs: done while a fiber stalls, it would take longer
     * than many a stall.
     */
    static void prepare() {
        Runnable[] task = new Runnable[1];
        Thread thread =
                Loom.newBuilder(
                                new Executor() {
                                    @Override
                                    public void execute(Runnable continuation) {
                                        task[0] = continuation;
                                    }
                                })
                        .unstarted(() -> {});
        thread.start();
        Holder holder = Holder.of(task[0], null);
        task[0].run(); // it does nothing, and ends
        if (holder.thread() != thread) {
            ShardLog.info("this JDK does not tell which fiber it runs: stalls will have no name");
        }
        PlatformTimes nobodys = PlatformTimes.ofKernel(() -> 0);
        HeldTime time =
                new HeldTime(
                        Clock.system(), nobodys, new JvmPauses(Clock.system(), nobodys, () -> 0));
        StackTraceElement[] stack = new Throwable().getStackTrace();
        for (StallKind kind : StallKind.values()) {
            String text =
                    StallText.report(0, holder, kind, time, false)
                            + StallText.advice(holder, kind, stack)
                            + StallText.ended(0, holder, kind, time)
                            + StallText.lines(stack);
            assert text.contains("shard 0");
        }
        if (isRecorded()) {
            StallEvent.prepare();
        }
    }

    private void record(Holder holder, StallKind kind, boolean ended, String stack) {
        if (isRecorded()) {
            StallEvent.publish(shard, holder, kind, time, ended, stack);
        }
    }

    /** Before the first recording, making the event's class would cost a third of a second. */
    private static boolean isRecorded() {
        return RECORDER && FlightRecorder.isInitialized();
    }
}
