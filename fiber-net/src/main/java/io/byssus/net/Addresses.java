package io.byssus.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/** Addresses as people write them. */
public final class Addresses {
    private static final int GROUPS = 8;

    private Addresses() {}

    /**
     * {@code 127.0.0.1:1234}, {@code [::1]:1234} or {@code unix:/run/name}; the host's name if it
     * is not resolved.
     */
    public static String format(InetSocketAddress address) {
        InetAddress host = address.getAddress();
        if (host == null) {
            String name = address.getHostString();
            return UnixAddress.isInstance(address) ? name : name + ":" + address.getPort();
        }
        return (host instanceof Inet6Address six ? "[" + format(six) + "]" : host.getHostAddress())
                + ":"
                + address.getPort();
    }

    /** RFC 5952: the longest run of zero groups becomes {@code ::}, the first of equals. */
    private static String format(Inet6Address address) {
        int[] groups = new int[GROUPS];
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        for (int i = 0; i < GROUPS; i++) {
            groups[i] = Short.toUnsignedInt(bytes.getShort());
        }
        int runStart = -1;
        int runLength = 1; // a single zero group stays
        for (int i = 0; i < GROUPS; i++) {
            int end = i;
            while (end < GROUPS && groups[end] == 0) {
                end++;
            }
            if (end - i > runLength) {
                runStart = i;
                runLength = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < GROUPS; i++) {
            if (i == runStart) {
                text.append("::");
                i += runLength - 1;
            } else {
                boolean first = i == 0 || text.charAt(text.length() - 1) == ':';
                text.append(first ? "" : ":").append(Integer.toHexString(groups[i]));
            }
        }
        return text + scope(address);
    }

    private static String scope(Inet6Address address) {
        if (address.getScopedInterface() != null) {
            return "%" + address.getScopedInterface().getName();
        }
        return address.getScopeId() == 0 ? "" : "%" + address.getScopeId();
    }
}
