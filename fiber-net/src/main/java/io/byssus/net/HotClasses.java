package io.byssus.net;

import java.lang.invoke.MethodHandles;
import java.util.List;

/**
 * The API's classes that a connection's first bytes need. Initialising a class pins the fiber that
 * comes upon it, so the shard would wait; here it happens before the first fiber runs.
 */
final class HotClasses {
    private static final List<Class<?>> CLASSES =
            List.of(
                    Accepted.class,
                    AddressQueue.class,
                    AddressRace.class,
                    Addresses.class,
                    Connection.class,
                    ConnectionInput.class,
                    ConnectionOutput.class,
                    ConnectionResetException.class,
                    DatagramHeader.class,
                    DatagramOptions.class,
                    ListenOptions.class,
                    Listener.class,
                    Network.class,
                    UdpSocket.class,
                    UnixAddress.class);

    private HotClasses() {}

    static void load() {
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        for (Class<?> hot : CLASSES) {
            try {
                lookup.ensureInitialized(hot);
            } catch (IllegalAccessException e) {
                throw new AssertionError("a class of this package", e);
            }
        }
    }
}
