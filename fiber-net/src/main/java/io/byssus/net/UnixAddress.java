package io.byssus.net;

import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a Unix socket is: a path in the file system, or an abstract name, which is in no file
 * system, belongs to the network namespace, and is gone with its last socket (unix(7)).
 *
 * <p><b>Ownership:</b> immutable.
 */
public final class UnixAddress {
    /** The longest path or name, in bytes of UTF-8. */
    public static final int NAME_LENGTH_MAX = 107;

    private static final String SCHEME = "unix:";

    private enum Kind {
        PATH,
        ABSTRACT
    }

    private final Kind kind;
    private final String name;

    /** What the kernel says of a peer, whose name may be any. */
    private UnixAddress(String raw) {
        this.kind = raw.charAt(0) == 0 ? Kind.ABSTRACT : Kind.PATH;
        this.name = raw.substring(isAbstract() ? 1 : 0);
    }

    private UnixAddress(Kind kind, String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > NAME_LENGTH_MAX) {
            throw new IllegalArgumentException(
                    (kind == Kind.PATH ? "path=" : "name=")
                            + name
                            + ": has "
                            + length
                            + " bytes, and a Unix socket's has between 1 and "
                            + NAME_LENGTH_MAX);
        }
        this.kind = kind;
        this.name = name;
    }

    /**
     * A path.
     *
     * @throws IllegalArgumentException if it is empty or longer than {@link #NAME_LENGTH_MAX}
     */
    public static UnixAddress path(Path path) {
        return new UnixAddress(Kind.PATH, path.toString());
    }

    /** As {@link #path}. */
    public static UnixAddress of(UnixDomainSocketAddress address) {
        return path(address.getPath());
    }

    /**
     * An abstract name, which no permissions protect: any program in the network namespace may
     * connect.
     *
     * @throws IllegalArgumentException if it is empty or longer than {@link #NAME_LENGTH_MAX}
     */
    public static UnixAddress abstractName(String name) {
        return new UnixAddress(Kind.ABSTRACT, name);
    }

    /**
     * A name as the kernel has it.
     *
     * @param raw not empty; an abstract name behind a zero
     */
    static UnixAddress received(String raw) {
        return new UnixAddress(raw);
    }

    /** As {@link #received} takes it. */
    String raw() {
        return (isAbstract() ? "\0" : "") + name;
    }

    /** Whether it is no path. */
    public boolean isAbstract() {
        return kind == Kind.ABSTRACT;
    }

    /** The path or the name. */
    public String name() {
        return name;
    }

    /**
     * How a {@link Listener} or {@link Connection} answers an address of this kind: one that is not
     * resolved, with {@link #toString} for its host and no port.
     */
    public InetSocketAddress toInetSocketAddress() {
        return InetSocketAddress.createUnresolved(toString(), 0);
    }

    /** Whether {@code address} is one of {@link #toInetSocketAddress}. */
    static boolean isInstance(InetSocketAddress address) {
        return address.isUnresolved()
                && address.getPort() == 0
                && address.getHostString().startsWith(SCHEME);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UnixAddress address
                && kind == address.kind
                && name.equals(address.name);
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, name);
    }

    /** {@code unix:/run/name} or {@code unix:@name}. */
    @Override
    public String toString() {
        return SCHEME + (isAbstract() ? "@" : "") + name;
    }
}
