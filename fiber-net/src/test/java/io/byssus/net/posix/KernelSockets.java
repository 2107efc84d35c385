package io.byssus.net.posix;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.SocketOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** What the kernel knows of this process's sockets, by way of /proc. */
final class KernelSockets {
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int INODE = 9;

    private KernelSockets() {}

    /** The value of an option of this process's socket between two ports. */
    static int option(SocketOptions option, InetSocketAddress local, InetSocketAddress remote)
            throws IOException {
        return option.get(new CallState(), descriptor(local.getPort(), remote.getPort()));
    }

    private static int descriptor(int localPort, int remotePort) throws IOException {
        String target = "socket:[" + inode(localPort, remotePort) + "]";
        try (Stream<Path> entries = Files.list(DESCRIPTORS)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                if (Files.isSymbolicLink(entry)
                        && Files.readSymbolicLink(entry).toString().equals(target)) {
                    return Integer.parseInt(entry.getFileName().toString());
                }
            }
        }
        throw new AssertionError("no descriptor is " + target);
    }

    private static String inode(int localPort, int remotePort) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
        lines.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
        for (String line : lines) {
            String[] fields = line.trim().split("\\s+");
            if (fields[LOCAL].endsWith(hexadecimal(localPort))
                    && fields[REMOTE].endsWith(hexadecimal(remotePort))) {
                return fields[INODE];
            }
        }
        throw new AssertionError("no socket between " + localPort + " and " + remotePort);
    }

    private static String hexadecimal(int port) {
        return String.format(Locale.ROOT, ":%04X", port);
    }
}
