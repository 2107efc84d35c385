package io.byssus.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How many descriptors a process has open, by way of /proc; for tests that look for leaks. */
public final class OpenDescriptors {
    private OpenDescriptors() {}

    /** Those of this process, the one for looking included. */
    public static long count() {
        return count(ProcessHandle.current().pid());
    }

    /** The sockets among those of this process, whatever else opens and closes files meanwhile. */
    public static long sockets() {
        return count("socket:");
    }

    /** The ends of pipes, as {@link #sockets}. */
    public static long pipes() {
        return count("pipe:");
    }

    private static long count(String kind) {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(descriptor -> isOf(kind, descriptor)).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isOf(String kind, Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith(kind);
        } catch (IOException e) {
            return false; // it was closed meanwhile
        }
    }

    /** Those of the process {@code pid}. */
    public static long count(long pid) {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
