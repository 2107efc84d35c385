package io.byssus.stack.ip;

import static io.byssus.stack.ip.Packets.ip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.byssus.stack.wire.Ipv4Address;
import io.byssus.stack.wire.MacAddress;
import io.byssus.testing.Seeds;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class Ipv4ConfigurationTest {
    private static final long MAC = MacAddress.parse("02:00:00:00:00:01");

    private static final Ipv4Configuration TWO_NETWORKS =
            new Ipv4Configuration(
                    List.of(
                            Ipv4Subnet.parse("10.0.0.5", "255.0.0.0"),
                            Ipv4Subnet.parse("10.1.2.3", "255.255.255.0"),
                            Ipv4Subnet.parse("10.1.2.4", "255.255.255.0"),
                            Ipv4Subnet.parse("192.168.7.2", "255.255.255.254")),
                    ip("10.1.2.1"),
                    1500,
                    MAC);

    private static Ipv4Configuration of(String gateway, int mtu, String... addressesAndMasks) {
        Ipv4Subnet[] subnets = new Ipv4Subnet[addressesAndMasks.length / 2];
        for (int i = 0; i < subnets.length; i++) {
            subnets[i] = Ipv4Subnet.parse(addressesAndMasks[2 * i], addressesAndMasks[2 * i + 1]);
        }
        return new Ipv4Configuration(List.of(subnets), ip(gateway), mtu, MAC);
    }

    private static void assertRefused(Runnable action, String... parts) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(parts);
    }

    @Test
    void saysWhichMaskIsNone() {
        assertRefused(() -> Ipv4Subnet.parse("10.0.0.1", "255.0.255.0"), "netmask 255.0.255.0");
        assertRefused(() -> Ipv4Subnet.parse("10.0.0.1", "0.0.0.0"), "netmask 0.0.0.0");
    }

    @Test
    void saysWhyAHostCannotHaveAnAddress() {
        String mask = "255.255.255.0";
        assertRefused(() -> Ipv4Subnet.parse("10.0.0.0", mask), "10.0.0.0", "network's own");
        assertRefused(() -> Ipv4Subnet.parse("10.0.0.255", mask), "10.0.0.255", "broadcast");
        assertRefused(() -> Ipv4Subnet.parse("224.0.0.5", mask), "224.0.0.5", "multicast");
        assertRefused(() -> Ipv4Subnet.parse("127.0.0.5", mask), "127.0.0.5", "loopback");
        assertRefused(() -> Ipv4Subnet.parse("0.0.0.5", mask), "0.0.0.5", "this network");
        assertRefused(() -> Ipv4Subnet.parse("240.0.0.5", mask), "240.0.0.5", "reserved");
        assertRefused(() -> Ipv4Subnet.parse("255.255.255.255", mask), "reserved");
    }

    @Test
    void saysWhatIsWrongWithTheGateway() {
        String mask = "255.255.255.0";
        assertRefused(
                () -> of("10.0.1.1", 1500, "10.0.0.1", mask),
                "gateway 10.0.1.1 is not on the link: [10.0.0.1/24]");
        assertRefused(() -> of("10.0.0.1", 1500, "10.0.0.1", mask), "address of our own");
        assertRefused(() -> of("10.0.0.255", 1500, "10.0.0.1", mask), "broadcast address");
        assertThat(of("0.0.0.0", 1500, "10.0.0.1", mask).gateway())
                .isEqualTo(Ipv4Configuration.NO_GATEWAY);
    }

    @Test
    void saysWhyAnMtuCannotBe() {
        assertRefused(
                () -> of("0.0.0.0", 575, "10.0.0.1", "255.0.0.0"),
                "mtu=575",
                "every host must take");
        assertRefused(() -> of("0.0.0.0", 65_536, "10.0.0.1", "255.0.0.0"), "mtu=65536");
        assertThat(of("0.0.0.0", 576, "10.0.0.1", "255.0.0.0").mtu()).isEqualTo(576);
        assertThat(of("0.0.0.0", 65_535, "10.0.0.1", "255.0.0.0").mtu()).isEqualTo(65_535);
    }

    @Test
    void refusesAddressesThatContradictEachOther() {
        assertRefused(() -> of("0.0.0.0", 1500), "addresses=0");
        assertRefused(
                () -> of("0.0.0.0", 1500, "10.0.0.1", "255.0.0.0", "10.0.0.1", "255.255.0.0"),
                "10.0.0.1 is given twice");
        assertRefused(
                () -> of("0.0.0.0", 1500, "10.0.0.255", "255.0.0.0", "10.0.0.1", "255.255.255.0"),
                "10.0.0.255 is the broadcast address of another");
    }

    @Test
    void refusesAnEthernetAddressOfAGroup() {
        assertRefused(
                () ->
                        new Ipv4Configuration(
                                List.of(Ipv4Subnet.parse("10.0.0.1", "255.0.0.0")),
                                0,
                                1500,
                                MacAddress.BROADCAST),
                "ff:ff:ff:ff:ff:ff");
    }

    @Test
    void findsTheNextHop() {
        assertThat(TWO_NETWORKS.nextHop(ip("10.1.2.77"))).isEqualTo(ip("10.1.2.77"));
        assertThat(TWO_NETWORKS.nextHop(ip("10.200.0.1"))).isEqualTo(ip("10.200.0.1"));
        assertThat(TWO_NETWORKS.nextHop(ip("8.8.8.8"))).isEqualTo(ip("10.1.2.1"));
        assertThat(TWO_NETWORKS.nextHop(ip("192.168.7.3"))).isEqualTo(ip("192.168.7.3"));
        assertThat(TWO_NETWORKS.nextHop(ip("192.168.7.4"))).isEqualTo(ip("10.1.2.1"));
    }

    @Test
    void whatIsOursStaysHere() {
        for (String own : List.of("10.0.0.5", "10.1.2.4", "127.0.0.1", "127.255.255.255")) {
            assertThat(TWO_NETWORKS.nextHop(ip(own))).isEqualTo(Ipv4Configuration.LOOPBACK);
        }
    }

    @Test
    void broadcastsGoToEverybodyAndGroupsNowhere() {
        for (String all : List.of("255.255.255.255", "10.1.2.255", "10.255.255.255")) {
            assertThat(TWO_NETWORKS.nextHop(ip(all))).isEqualTo(Ipv4Configuration.BROADCAST);
        }
        for (String none : List.of("224.0.0.1", "0.0.0.0", "0.1.2.3", "240.0.0.1")) {
            assertThat(TWO_NETWORKS.nextHop(ip(none))).isEqualTo(Ipv4Configuration.UNREACHABLE);
        }
    }

    @Test
    void withoutAGatewayTheRestOfTheWorldIsUnreachable() {
        Ipv4Configuration alone = of("0.0.0.0", 1500, "10.0.0.1", "255.255.255.0");
        assertThat(alone.nextHop(ip("8.8.8.8"))).isEqualTo(Ipv4Configuration.UNREACHABLE);
        assertThat(alone.sourceFor(ip("8.8.8.8"))).isEqualTo(Ipv4Configuration.UNREACHABLE);
    }

    @Test
    @Tag("MUST-44")
    void must44TheSourceIsTheAddressOfTheNetworkThatThePacketGoesOutTo() {
        assertThat(TWO_NETWORKS.sourceFor(ip("10.1.2.77"))).isEqualTo(ip("10.1.2.3"));
        assertThat(TWO_NETWORKS.sourceFor(ip("10.200.0.1"))).isEqualTo(ip("10.0.0.5"));
        assertThat(TWO_NETWORKS.sourceFor(ip("8.8.8.8"))).isEqualTo(ip("10.1.2.3"));
        assertThat(TWO_NETWORKS.sourceFor(ip("192.168.7.3"))).isEqualTo(ip("192.168.7.2"));
        assertThat(TWO_NETWORKS.sourceFor(ip("10.1.2.4"))).isEqualTo(ip("10.1.2.4"));
        assertThat(TWO_NETWORKS.sourceFor(ip("127.0.0.9"))).isEqualTo(ip("127.0.0.1"));
        assertThat(TWO_NETWORKS.sourceFor(ip("255.255.255.255"))).isEqualTo(ip("10.0.0.5"));
        assertThat(TWO_NETWORKS.sourceFor(ip("10.1.2.255"))).isEqualTo(ip("10.1.2.3"));
    }

    @Test
    @Tag("MUST-45")
    void must45TheSourceForADestinationDoesNotChange() {
        Random random = new Random(Seeds.next("Ipv4ConfigurationTest.source"));
        for (int i = 0; i < 1_000; i++) {
            int destination = random.nextInt();
            int source = TWO_NETWORKS.sourceFor(destination);
            assertThat(TWO_NETWORKS.sourceFor(destination)).isEqualTo(source);
        }
    }

    @Test
    @Tag("MUST-46")
    void must46ABroadcastOrMulticastAddressIsNoPeer() {
        for (String none :
                List.of(
                        "255.255.255.255",
                        "10.1.2.255",
                        "10.1.2.0",
                        "10.255.255.255",
                        "224.0.0.1",
                        "239.255.255.255",
                        "0.0.0.0",
                        "240.0.0.1")) {
            assertThat(TWO_NETWORKS.isUnicast(ip(none))).as(none).isFalse();
        }
        for (String one : List.of("10.1.2.254", "8.8.8.8", "127.0.0.1", "192.168.7.3")) {
            assertThat(TWO_NETWORKS.isUnicast(ip(one))).as(one).isTrue();
        }
    }

    @Test
    void anAddressWithoutHostPartIsABroadcastOfOldHosts() {
        assertThat(TWO_NETWORKS.isBroadcast(ip("10.1.2.0"))).isTrue();
        assertThat(TWO_NETWORKS.isBroadcast(ip("192.168.7.2"))).isFalse();
        assertThat(TWO_NETWORKS.isBroadcast(ip("192.168.7.3"))).isFalse();
    }

    @Test
    void aNeighbourIsOnTheLinkAndNotUs() {
        assertThat(TWO_NETWORKS.isNeighbour(ip("10.1.2.1"))).isTrue();
        assertThat(TWO_NETWORKS.isNeighbour(ip("10.1.2.3"))).isFalse();
        assertThat(TWO_NETWORKS.isNeighbour(ip("10.1.2.255"))).isFalse();
        assertThat(TWO_NETWORKS.isNeighbour(ip("11.0.0.1"))).isFalse();
    }

    @Test
    void everyDestinationHasASourceOfOursOrNoRoute() {
        Random random = new Random(Seeds.next("Ipv4ConfigurationTest"));
        for (int i = 0; i < 100_000; i++) {
            int destination =
                    random.nextBoolean() ? random.nextInt() : ip("10.1.2.0") | random.nextInt(256);
            int nextHop = TWO_NETWORKS.nextHop(destination);
            int source = TWO_NETWORKS.sourceFor(destination);
            if (nextHop == Ipv4Configuration.UNREACHABLE) {
                assertThat(source).isEqualTo(Ipv4Configuration.UNREACHABLE);
            } else {
                assertThat(TWO_NETWORKS.isOwn(source) || Ipv4Address.isLoopback(source)).isTrue();
            }
            if (nextHop != Ipv4Configuration.UNREACHABLE
                    && nextHop != Ipv4Configuration.LOOPBACK
                    && nextHop != Ipv4Configuration.BROADCAST) {
                assertThat(TWO_NETWORKS.isNeighbour(nextHop)).isTrue();
            }
        }
    }
}
