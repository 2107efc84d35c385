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
                    Delimiter.class,
                    FrameFormat.class,
                    FrameReader.class,
                    FrameWriter.class,
                    IpLiterals.class,
                    DatagramSocket.class,
                    ListenOptions.class,
                    Listener.class,
                    MalformedProxyHeaderException.class,
                    MessageTooLongException.class,
                    Network.class,
                    ProxyAcceptor.class,
                    ProxyHeader.class,
                    ProxyHeaderParser.class,
                    ProxyHeaderReader.class,
                    Transfer.class,
                    UdpSocket.class,
                    UnixAddress.class,
                    UnixDatagramSocket.class);

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
