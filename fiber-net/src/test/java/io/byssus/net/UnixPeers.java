package io.byssus.net;

import io.byssus.runtime.os.CallState;
import io.byssus.runtime.os.Descriptors;
import io.byssus.runtime.os.Sockets;
import io.byssus.runtime.os.UnixSocketAddress;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Peers of a kind that the public API does not make. */
final class UnixPeers {
    private UnixPeers() {}

    /** Sends {@code text} as a datagram from a socket that has no name. */
    static void sendUnnamed(Path to, String text) {
        CallState state = new CallState();
        int fd = Sockets.datagram(state, UnixSocketAddress.AF_UNIX);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = arena.allocate(UnixSocketAddress.BYTES);
            byte[] name = to.toString().getBytes(StandardCharsets.UTF_8);
            int length = UnixSocketAddress.writePath(name, address.address());
            MemorySegment payload = arena.allocateFrom(text);
            if (Sockets.connect(state, fd, address.address(), length) < 0
                    || Sockets.send(state, fd, payload.address(), text.length()) < 0) {
                throw new AssertionError("errno " + state.errno());
            }
        } finally {
            Descriptors.close(state, fd);
        }
    }
}
