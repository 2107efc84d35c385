package io.byssus.net.dns;

import io.byssus.runtime.fiber.Blocking;
import io.byssus.runtime.reactor.Reactor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/**
 * Makes every {@code InetAddress} look-up of the process safe on a fiber: the C library's resolver
 * blocks, so on a shard it runs on the blocking pool; elsewhere nothing changes. A JDBC driver that
 * resolves its server's name thus parks its fiber only.
 */
public final class OffShardResolverProvider extends InetAddressResolverProvider {
    /** For the service loader. */
    public OffShardResolverProvider() {}

    @Override
    public InetAddressResolver get(Configuration configuration) {
        return new OffShardResolver(configuration.builtinResolver());
    }

    @Override
    public String name() {
        return "byssus";
    }

    private record OffShardResolver(InetAddressResolver builtin) implements InetAddressResolver {
        @Override
        public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
                throws UnknownHostException {
            if (Reactor.currentOrNull() == null) {
                return builtin.lookupByName(host, policy);
            }
            return offShard(() -> builtin.lookupByName(host, policy));
        }

        @Override
        public String lookupByAddress(byte[] address) throws UnknownHostException {
            if (Reactor.currentOrNull() == null) {
                return builtin.lookupByAddress(address);
            }
            return offShard(() -> builtin.lookupByAddress(address));
        }

        private static <T> T offShard(LookUp<T> lookUp) throws UnknownHostException {
            try {
                return Blocking.call(lookUp::run);
            } catch (UnknownHostException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new AssertionError("a look-up throws nothing else", e);
            }
        }
    }

    private interface LookUp<T> {
        T run() throws UnknownHostException;
    }
}
