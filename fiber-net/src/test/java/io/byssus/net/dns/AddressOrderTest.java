package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 6724, with its own examples (section 10.2) where they need no other rules. */
class AddressOrderTest {
    /** {@code destination source}; {@code -} for none; without one, unknown. */
    private static Candidate candidate(String text) {
        String[] words = text.split(" ");
        InetAddress address = InetAddress.ofLiteral(words[0]);
        if (words.length == 1) {
            return new Candidate(address, true, Optional.empty());
        }
        return words[1].equals("-")
                ? new Candidate(address, false, Optional.empty())
                : new Candidate(address, true, Optional.of(InetAddress.ofLiteral(words[1])));
    }

    private static void assertOrder(String... inOrder) {
        List<Candidate> candidates = new ArrayList<>();
        List<InetAddress> expected = new ArrayList<>();
        for (String text : inOrder) {
            candidates.add(candidate(text));
            expected.add(candidate(text).address());
        }
        assertThat(AddressOrder.sort(candidates)).isEqualTo(expected);
        Collections.reverse(candidates);
        assertThat(AddressOrder.sort(candidates)).isEqualTo(expected);
    }

    @Test
    void rule1WhatCannotBeReachedComesLast() {
        assertOrder("192.0.2.1 192.0.2.9", "2001:db8::1 -");
        assertOrder("2001:db8::1 2001:db8::9", "192.0.2.1 -");
    }

    @Test
    void rule2ScopesMatch() {
        assertOrder("2001:db8:1::1 2001:db8:1::2", "198.51.100.121 169.254.13.78");
        assertOrder("198.51.100.121 198.51.100.117", "2001:db8:1::1 fe80::1");
    }

    @Test
    void rule5LabelsMatch() {
        assertOrder("2002:c633:6401::1 2002:c633:6401::2", "2001:db8:1::1 2002:c633:6401::2");
    }

    @Test
    void rule6HigherPrecedence() {
        assertOrder("2001:db8:1::1 2001:db8:1::2", "10.1.2.3 10.1.2.4");
        assertOrder("::1 ::1", "2001:db8::1 2001:db8::2", "127.0.0.1 127.0.0.1");
        assertOrder("10.1.2.3 10.1.2.4", "fd00::1 fd00::2");
        assertOrder("2001:db8:1::1 2001:db8:1::2", "2002:c633:6401::1 2002:c633:6401::2");
    }

    @Test
    void rule8SmallerScope() {
        assertOrder("fe80::1 fe80::2", "2001:db8:1::1 2001:db8:1::2");
    }

    @Test
    void rule9LongestMatchingPrefix() {
        assertOrder("2001:db8:1::1 2001:db8:1::2", "2001:db8:3ffe::1 2001:db8:3f44::2");
    }

    @Test
    void rule10EqualsKeepTheirOrder() {
        List<Candidate> candidates =
                List.of(
                        candidate("192.0.2.9 192.0.2.1"),
                        candidate("198.51.100.1 192.0.2.1"),
                        candidate("192.0.2.8 192.0.2.1"));
        assertThat(AddressOrder.sort(candidates))
                .isEqualTo(candidates.stream().map(Candidate::address).toList());
    }

    @Test
    void withoutSourcesIpv6ComesFirst() {
        assertOrder("2001:db8::1", "192.0.2.1", "fd00::1");
    }

    /** Any addresses: sorting is a permutation, stable, and the same for every order of input. */
    @Test
    void anyAddressesHaveOneOrder() throws Exception {
        Random random = new Random(Seeds.next("anyAddressesHaveOneOrder"));
        for (int i = 0; i < 5_000; i++) {
            List<Candidate> candidates = new ArrayList<>();
            for (int count = random.nextInt(8); count >= 0; count--) {
                Candidate candidate = candidate(random);
                if (candidates.stream()
                        .noneMatch(one -> one.address().equals(candidate.address()))) {
                    candidates.add(candidate);
                }
            }
            List<InetAddress> sorted = AddressOrder.sort(candidates);
            assertThat(sorted).hasSameSizeAs(candidates);
            assertThat(new HashSet<>(sorted))
                    .isEqualTo(new HashSet<>(candidates.stream().map(Candidate::address).toList()));
            List<Candidate> inOrder = new ArrayList<>(candidates);
            inOrder.sort((a, b) ->
                    Integer.compare(sorted.indexOf(a.address()), sorted.indexOf(b.address())));
            assertThat(AddressOrder.sort(inOrder)).isEqualTo(sorted);
            for (int a = 0; a < inOrder.size(); a++) {
                for (int b = a + 1; b < inOrder.size(); b++) {
                    // What comes first of all comes first of two, too: the order is transitive.
                    assertThat(AddressOrder.sort(List.of(inOrder.get(a), inOrder.get(b))))
                            .startsWith(inOrder.get(a).address());
                }
            }
        }
    }

    private static Candidate candidate(Random random) throws UnknownHostException {
        InetAddress address = address(random);
        return switch (random.nextInt(4)) {
            case 0 -> new Candidate(address, false, Optional.empty());
            case 1 -> new Candidate(address, true, Optional.empty());
            default -> new Candidate(address, true, Optional.of(address(random)));
        };
    }

    private static InetAddress address(Random random) throws UnknownHostException {
        byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(bytes);
        byte[][] prefixes = {
            {},
            {(byte) 0xfe, (byte) 0x80},
            {(byte) 0xfc},
            {0x20, 0x02},
            {0x20, 0x01, 0, 0},
            {127},
            {(byte) 169, (byte) 254},
            {(byte) 0xff, 0x02},
            {(byte) 0xfe, (byte) 0xc0}
        };
        byte[] prefix = prefixes[random.nextInt(prefixes.length)];
        System.arraycopy(prefix, 0, bytes, 0, prefix.length);
        return InetAddress.getByAddress(bytes);
    }
}
