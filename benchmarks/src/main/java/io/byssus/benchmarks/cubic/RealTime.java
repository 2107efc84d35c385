package io.byssus.benchmarks.cubic;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The scheduling class of this whole process: the relay sleeps most of the time, but must run the
 * moment it wakes, whatever else the machine does; and for that no other thread of the JVM may keep
 * it waiting.
 */
final class RealTime {
    private RealTime() {}

    /** From now on threads run before those of ordinary processes; says so if that is refused. */
    static void begin() throws IOException, InterruptedException {
        if (!schedule("--fifo", "1")) {
            System.err.println(
                    "no real-time scheduling here: frames will be late on a busy machine");
        }
    }

    static void end() throws IOException, InterruptedException {
        schedule("--other", "0");
    }

    private static boolean schedule(String policy, String priority)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("chrt", "--all-tasks", policy, "--pid"));
        command.add(priority);
        command.add(Long.toString(ProcessHandle.current().pid()));
        return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
    }
}
