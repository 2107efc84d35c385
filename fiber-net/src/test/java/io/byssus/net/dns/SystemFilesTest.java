package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code resolv.conf} and {@code hosts}. */
class SystemFilesTest {
    @TempDir Path folder;

    @Test
    void resolvConfIsRead() {
        ResolvConf conf =
                ResolvConf.parse(
                        """
                        # a comment
                        ; another
                        domain ignored.example
                        nameserver 192.0.2.53
                        nameserver   2001:db8::53
                        nameserver nonsense
                        nameserver
                        search One.example. two.example
                        options ndots:5 timeout:2 attempts:4 rotate use-vc edns0 ndots:x
                        """);
        assertThat(conf)
                .isEqualTo(
                        new ResolvConf(
                                List.of(server("192.0.2.53"), server("2001:db8::53")),
                                List.of("one.example", "two.example"),
                                5,
                                Duration.ofSeconds(2),
                                4,
                                true,
                                true));
    }

    private static InetSocketAddress server(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 53);
    }

    @Test
    void whatResolvConfDoesNotSayIsAsInItsManual() {
        assertThat(ResolvConf.parse("")).isEqualTo(ResolvConf.EMPTY);
        assertThat(ResolvConf.EMPTY.serversOrLocal()).containsExactly(server("127.0.0.1"));
    }

    @Test
    void whatIsTooMuchIsCut() {
        ResolvConf conf =
                ResolvConf.parse(
                        "nameserver 192.0.2.1\n".repeat(10)
                                + "options ndots:99 timeout:99 attempts:99\n"
                                + "search "
                                + "a.example ".repeat(100));
        assertThat(conf.servers()).hasSize(3);
        assertThat(conf.search()).hasSize(32);
        assertThat(conf.ndots()).isEqualTo(15);
        assertThat(conf.timeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(conf.attempts()).isEqualTo(5);
        assertThat(ResolvConf.parse("options timeout:0 attempts:-1").attempts()).isEqualTo(1);
    }

    @Test
    void hostsAreReadInTheirOrder() {
        HostsFile hosts =
                HostsFile.parse(
                        """
                        127.0.0.1   localhost here # comment
                        ::1 localhost ip6-localhost
                        \t192.0.2.1\tDB.example.com db
                        192.0.2.1 db
                        #192.0.2.9 commented
                        nonsense localhost
                        192.0.2.3
                        fe80::1%no-such-interface router
                        """);
        assertThat(hosts.addresses("localhost"))
                .containsExactly(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
        assertThat(hosts.addresses("db.example.com."))
                .containsExactly(InetAddress.ofLiteral("192.0.2.1"));
        assertThat(hosts.addresses("db")).hasSize(1);
        assertThat(hosts.addresses("commented")).isEmpty();
        assertThat(hosts.addresses("router")).isEmpty();
    }

    @Test
    void anyBytesAreReadSomehow() {
        Random random = new Random(Seeds.next("anyBytesAreReadSomehow"));
        String[] words = {
            "nameserver",
            "search",
            "options",
            "ndots:",
            "timeout:9999999999",
            "127.0.0.1",
            "::1",
            "#",
            "\n",
            "\t",
            "localhost",
            "%",
            "fe80::1%",
            "\r",
            "\0",
            "ndots:3",
            "domain"
        };
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int j = random.nextInt(12); j > 0; j--) {
                text.append(words[random.nextInt(words.length)]);
                text.append(random.nextInt(3) == 0 ? "" : random.nextInt(3) == 0 ? "\n" : " ");
                if (random.nextInt(10) == 0) {
                    text.append((char) random.nextInt(256));
                }
            }
            ResolvConf conf = ResolvConf.parse(text.toString());
            assertThat(conf.ndots()).isBetween(0, 15);
            assertThat(conf.servers()).hasSizeLessThanOrEqualTo(3);
            HostsFile.parse(text.toString()).addresses("localhost");
        }
    }

    @Test
    void changedFilesAreReadAgain() throws Exception {
        Path hosts = folder.resolve("hosts");
        Path conf = folder.resolve("resolv.conf");
        SystemFiles files = new SystemFiles(conf, hosts);
        assertThat(files.read())
                .isEqualTo(new SystemFiles.Contents(ResolvConf.EMPTY, HostsFile.EMPTY));
        Files.writeString(hosts, "192.0.2.1 a\n192.0.2.2 b\u00e9\n", StandardCharsets.ISO_8859_1);
        Files.writeString(conf, "options ndots:2");
        SystemFiles.Contents first = files.read();
        assertThat(first.hosts().addresses("a")).hasSize(1);
        assertThat(first.resolvConf().ndots()).isEqualTo(2);
        assertThat(files.read().hosts()).isSameAs(first.hosts());
        Files.writeString(hosts, "192.0.2.1 c\n");
        Files.setLastModifiedTime(hosts, FileTime.fromMillis(1));
        assertThat(files.read().hosts().addresses("a")).isEmpty();
        assertThat(files.read().hosts().addresses("c")).hasSize(1);
        Files.delete(hosts);
        assertThat(files.read().hosts().addresses("c")).isEmpty();
    }
}
