package io.byssus.stack.tcp;

import java.nio.ByteBuffer;
import java.util.StringJoiner;

/** The options of a {@link TracedSegment}: tcpdump's words, and the bytes. */
final class TracedOptions {
    private TracedOptions() {}

    /** The words for the bytes, in their order; numbers and timestamps count from the origins. */
    static String read(ByteBuffer bytes, int peerOrigin, int timestampOrigin) {
        StringJoiner words = new StringJoiner(", ");
        int at = 0;
        while (at < bytes.limit()) {
            int kind = bytes.get(at);
            if (kind == 0) {
                break;
            }
            if (kind == 1) {
                at++;
                continue;
            }
            int optionLength = bytes.get(at + 1);
            words.add(word(bytes, at, kind, optionLength, peerOrigin, timestampOrigin));
            at += optionLength;
        }
        return words.toString();
    }

    private static String word(
            ByteBuffer bytes, int at, int kind, int length, int peerOrigin, int timestampOrigin) {
        return switch (kind) {
            case 2 -> "mss " + Short.toUnsignedInt(bytes.getShort(at + 2));
            case 3 -> "wscale " + bytes.get(at + 2);
            case 4 -> "sackOK";
            case 5 -> {
                StringBuilder blocks = new StringBuilder("sack");
                for (int i = 2; i < length; i += 8) {
                    blocks.append(' ').append(bytes.getInt(at + i) - peerOrigin);
                    blocks.append(':').append(bytes.getInt(at + i + Integer.BYTES) - peerOrigin);
                }
                yield blocks.toString();
            }
            case 8 ->
                    "TS val "
                            + (bytes.getInt(at + 2) - timestampOrigin)
                            + " ecr "
                            + bytes.getInt(at + 6);
            default -> "kind " + kind;
        };
    }

    /** The bytes of the words, as hexadecimal digits. */
    static String write(String words, int peerOrigin, int timestampOrigin) {
        StringBuilder hex = new StringBuilder();
        for (String option : words.split(", ")) {
            String[] parts = option.split("[ :]");
            switch (parts[0]) {
                case "" -> {
                    // none
                }
                case "nop" -> hex.append("01");
                case "eol" -> hex.append("00");
                case "mss" -> hex.append("0204").append(digits(parts[1], 4));
                case "wscale" -> hex.append("0303").append(digits(parts[1], 2));
                case "sackOK" -> hex.append("0402");
                case "TS" ->
                        hex.append("080a")
                                .append(word(Integer.parseInt(parts[2])))
                                .append(word(Integer.parseInt(parts[4]) + timestampOrigin));
                case "sack" -> {
                    hex.append("05").append(digits("" + (2 + (parts.length - 1) * 4), 2));
                    for (int i = 1; i < parts.length; i++) {
                        hex.append(word(Integer.parseInt(parts[i]) + peerOrigin));
                    }
                }
                case "raw" -> hex.append(parts[1]);
                default -> throw new IllegalArgumentException("option=" + option);
            }
        }
        return hex.toString();
    }

    private static String word(int number) {
        return String.format("%08x", number);
    }

    private static String digits(String number, int count) {
        return String.format("%0" + count + "x", Integer.parseInt(number));
    }
}
