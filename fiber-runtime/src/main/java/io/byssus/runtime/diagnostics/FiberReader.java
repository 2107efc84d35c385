package io.byssus.runtime.diagnostics;

import io.byssus.runtime.diagnostics.FiberSnapshot.State;
import io.byssus.runtime.fiber.Fiber;
import io.byssus.runtime.os.Loom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks at fibers from outside while they go on. Equal stacks of a dump are one object.
 *
 * <p><b>Ownership:</b> confined to the thread that dumps.
 */
final class FiberReader {
    /** So often a fiber that moved while it was looked at is looked at again. */
    private static final int ATTEMPTS_MAX = 3;

    private final int framesMax;
    private final Map<List<StackTraceElement>, List<StackTraceElement>> stacks = new HashMap<>();

    FiberReader(int framesMax) {
        this.framesMax = framesMax;
    }

    /** Whether asking for its stack is worth while first: it is not parked. */
    static boolean isActive(Fiber<?> fiber) {
        Thread.State state = fiber.thread().getState();
        return state == Thread.State.RUNNABLE || state == Thread.State.NEW;
    }

    /** Whether it wants to know the stack. */
    enum Stack {
        WANTED,
        UNWANTED
    }

    /** Null if it has ended. */
    FiberSnapshot read(Fiber<?> fiber, Stack wanted) {
        Thread thread = fiber.thread();
        for (int attempt = 1; ; attempt++) {
            Object blocker = Fiber.blockerOf(thread);
            List<StackTraceElement> stack = wanted == Stack.WANTED ? stackOf(thread) : List.of();
            Thread carrier = Loom.carrierOf(thread);
            Thread.State jdkState = thread.getState();
            if (jdkState == Thread.State.TERMINATED) {
                return null;
            }
            if (blocker != Fiber.blockerOf(thread) && attempt < ATTEMPTS_MAX) {
                continue;
            }
            State state = state(jdkState, carrier, stack.isEmpty() && wanted == Stack.WANTED);
            String waitsFor = state == State.PARKED ? waitsFor(blocker, jdkState, stack) : "";
            return new FiberSnapshot(
                    thread.threadId(), fiber.name(), group(fiber), state, waitsFor, stack);
        }
    }

    /** The one place that knows a fiber's scheduling group. */
    private static String group(Fiber<?> fiber) {
        return fiber.group().name();
    }

    private static State state(Thread.State jdkState, Thread carrier, boolean isEmpty) {
        if (carrier != null) {
            return State.RUNNING;
        }
        return switch (jdkState) {
            case NEW -> State.NEW;
            case RUNNABLE -> isEmpty ? State.NEW : State.READY;
            case BLOCKED, WAITING, TIMED_WAITING, TERMINATED -> State.PARKED;
        };
    }

    private static String waitsFor(
            Object blocker, Thread.State jdkState, List<StackTraceElement> stack) {
        if (blocker != null) {
            return Blockers.describe(blocker);
        }
        if (jdkState == Thread.State.BLOCKED) {
            return "a monitor";
        }
        if (stack.isEmpty()) {
            return "";
        }
        String type = stack.getFirst().getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + stack.getFirst().getMethodName();
    }

    private List<StackTraceElement> stackOf(Thread thread) {
        List<StackTraceElement> frames = StackFrames.trim(thread.getStackTrace(), framesMax);
        List<StackTraceElement> known = stacks.get(frames);
        if (known == null) {
            known = List.copyOf(frames);
            stacks.put(known, known);
        }
        return known;
    }
}
