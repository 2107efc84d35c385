package io.byssus.stack.ip;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a reassembler should make of one datagram's fragments: bytes by offset, -1 for none. */
final class DatagramModel {
    /** More than any test's datagram has. */
    private static final int BYTES = 400;

    private final int[] bytes = new int[BYTES];
    private final List<byte[]> seen = new ArrayList<>();
    private int end = -1;
    private boolean spoiled;

    DatagramModel() {
        Arrays.fill(bytes, -1);
    }

    /** True if it is whole now. */
    boolean add(int from, byte[] payload, boolean last, byte[] packet) {
        if (spoiled || seen.stream().anyMatch(one -> Arrays.equals(one, packet))) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            boolean inside = i >= from && i < from + payload.length;
            spoiled |= inside && (bytes[i] >= 0 || (end >= 0 && i >= end));
            spoiled |= last && i >= from + payload.length && bytes[i] >= 0;
        }
        spoiled |= last && end >= 0;
        if (spoiled) {
            return false;
        }
        seen.add(packet);
        end = last ? from + payload.length : end;
        for (int i = 0; i < payload.length; i++) {
            bytes[from + i] = Byte.toUnsignedInt(payload[i]);
        }
        return end >= 0 && Arrays.stream(bytes, 0, end).allMatch(b -> b >= 0);
    }

    byte[] whole() {
        byte[] whole = new byte[end];
        for (int i = 0; i < end; i++) {
            whole[i] = (byte) bytes[i];
        }
        return whole;
    }
}
