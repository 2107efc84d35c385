package io.byssus.net.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a file with certificates and a key: they are read, or an IOException says why not.
 */
class PemFilesFuzz {
    private static final Path FILE = Path.of("any.pem");

    static Stream<byte[]> files() {
        return Stream.of(
                        // An Ed25519 key, and what is none.
                        "-----BEGIN PRIVATE KEY-----\n"
                                + "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                + "-----END PRIVATE KEY-----\n",
                        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n",
                        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
                        "-----BEGIN PRIVATE KEY-----\n%%%%\n-----END PRIVATE KEY-----\n")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("files")
    @FuzzTest
    void aFileIsReadOrSaidToBeNone(byte[] bytes) {
        try {
            assertThat(PemFiles.key(new String(bytes, StandardCharsets.ISO_8859_1), FILE))
                    .isNotNull();
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith("any.pem: ");
        }
        try {
            assertThat(PemFiles.certificates(FILE, new ByteArrayInputStream(bytes))).isNotEmpty();
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith("any.pem: ");
        }
    }
}
