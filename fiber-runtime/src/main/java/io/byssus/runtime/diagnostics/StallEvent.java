package io.byssus.runtime.diagnostics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/**
 * A stall, for Flight Recorder: once while it goes on, with the stack, and once when it has ended.
 */
@Name("io.byssus.Stall")
@Label("Stall")
@Category({"Byssus", "Shard"})
@Description("A fiber held its shard for longer than the stall threshold")
@StackTrace(false)
final class StallEvent extends Event {
    @Label("Shard")
    int shard;

    @Label("Holder")
    @Description("The fiber; empty if nobody is to blame")
    String holder;

    @Label("Scheduling Group")
    String group;

    @Label("Kind")
    @Description("ON_CPU, BLOCKED, or PAUSED, which no fiber is to blame for")
    String kind;

    @Label("Held For")
    @Timespan(Timespan.NANOSECONDS)
    long held;

    @Label("On The Processor")
    @Timespan(Timespan.NANOSECONDS)
    long onProcessor;

    @Label("Without A Processor")
    @Description("Runnable, but the processor was given to others")
    @Timespan(Timespan.NANOSECONDS)
    long descheduled;

    @Label("JVM Paused")
    @Timespan(Timespan.NANOSECONDS)
    long paused;

    @Label("Ended")
    boolean ended;

    @Label("Stack")
    @Description("Of the holder while it stalled; empty in the event of its end")
    String stack;

    /** Has the recorder make what it needs for the first event, which takes it long. */
    static void prepare() {
        boolean ignored = new StallEvent().shouldCommit();
    }

    /** Commits it, if a recording wants it. */
    static void publish(
            int shard, Holder holder, StallKind kind, HeldTime time, boolean ended, String stack) {
        StallEvent event = new StallEvent();
        if (!event.shouldCommit()) {
            return;
        }
        event.shard = shard;
        event.holder = holder == null ? "" : holder.description();
        event.group = holder == null ? "" : holder.group();
        event.kind = kind.name();
        event.held = time.totalNanos();
        event.onProcessor = time.runNanos();
        event.descheduled = time.descheduledNanos();
        event.paused = time.pausedNanos();
        event.ended = ended;
        event.stack = stack.strip();
        event.commit();
    }
}
