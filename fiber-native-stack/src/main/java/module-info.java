/** The native network stack: TCP/IP in user space, one stack per shard. */
@SuppressWarnings({"module", "requires-automatic"})
module io.byssus.stack {
    requires io.byssus.net;
    requires org.jctools.core.jdk11;

    provides io.byssus.net.spi.NetworkStackProvider with
            io.byssus.stack.NativeStackProvider;
    provides io.byssus.runtime.reactor.ReactorBackendProvider with
            io.byssus.stack.NativeBackendProvider;
}
