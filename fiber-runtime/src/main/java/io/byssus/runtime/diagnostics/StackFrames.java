package io.byssus.runtime.diagnostics;

import io.byssus.runtime.fiber.Fiber;
import java.util.Arrays;
import java.util.List;

/** Leaves away the frames that every fiber's stack has: the JDK's below parking, and its root. */
final class StackFrames {
    private static final String VIRTUAL_THREAD = "java.lang.VirtualThread";
    private static final String FIBER = Fiber.class.getName();

    private StackFrames() {}

    /** At most {@code max} frames of {@code stack}, top first. */
    static List<StackTraceElement> trim(StackTraceElement[] stack, int max) {
        int from = 0;
        while (from < stack.length && isBelowParking(stack[from])) {
            from++;
        }
        int to = stack.length;
        while (to > from && isRoot(stack[to - 1])) {
            to--;
        }
        if (from == to) {
            return List.of(stack); // there is nothing else
        }
        return Arrays.asList(stack).subList(from, (int) Math.min(to, (long) from + max));
    }

    /** The steps from {@code LockSupport.park} or {@code Thread.yield} to the continuation. */
    private static boolean isBelowParking(StackTraceElement frame) {
        String type = frame.getClassName();
        return type.equals(VIRTUAL_THREAD)
                || type.startsWith("java.lang.System$")
                || type.startsWith("jdk.internal.vm.");
    }

    private static boolean isRoot(StackTraceElement frame) {
        String type = frame.getClassName();
        return type.equals(VIRTUAL_THREAD)
                || type.startsWith("jdk.internal.vm.")
                || (type.equals(FIBER) && isStep(frame.getMethodName()));
    }

    /** From the thread to the body: {@code run}, and the lambda around a body without a result. */
    private static boolean isStep(String method) {
        return method.equals("run") || method.startsWith("lambda$");
    }
}
