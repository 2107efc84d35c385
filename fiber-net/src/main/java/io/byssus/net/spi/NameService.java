package io.byssus.net.spi;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Consumer;

/**
 * What turns names into addresses for one shard. Lists of addresses are in the order in which they
 * should be tried (RFC 6724), and carry the name that was asked for.
 *
 * <p><b>Ownership:</b> confined to its shard.
 */
public interface NameService {
    /**
     * The addresses of {@code host}, an address or a name, if they are known without waiting; else
     * an empty list. Does not park.
     *
     * @throws UnknownHostException if it is known that there are none
     */
    List<InetAddress> known(String host) throws UnknownHostException;

    /**
     * The addresses of {@code host}, of both families; parks until they are known. Any number of
     * fibers may ask at once.
     *
     * @param deadlineNanos on the shard's clock; {@code Long.MAX_VALUE} for none
     * @param early given those of one family, on the calling fiber, if the other's are still waited
     *     for; must not park
     * @return at least one
     * @throws UnknownHostException if there are none, or nobody could say
     * @throws java.net.SocketTimeoutException at the deadline
     */
    List<InetAddress> resolve(String host, long deadlineNanos, Consumer<List<InetAddress>> early)
            throws IOException;
}
