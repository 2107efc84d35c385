package io.byssus.net.dns;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * The files that say how names are resolved, as they were when somebody last looked. Looking
 * blocks. A file that is not there counts as empty.
 *
 * <p><b>Ownership:</b> any thread.
 */
final class SystemFiles {
    /** A hosts file may be long, but not endless. */
    private static final long BYTES_MAX = 64L << 20;

    private final Path resolvConf;
    private final Path hosts;
    private Version resolvConfVersion = Version.NONE;
    private Version hostsVersion = Version.NONE;
    private Contents contents = new Contents(ResolvConf.EMPTY, HostsFile.EMPTY);

    /** What the files said together. */
    record Contents(ResolvConf resolvConf, HostsFile hosts) {}

    private record Version(FileTime changed, long bytes) {
        static final Version NONE = new Version(FileTime.fromMillis(0), -1);
    }

    SystemFiles(Path resolvConf, Path hosts) {
        this.resolvConf = resolvConf;
        this.hosts = hosts;
    }

    /** Reads what has changed; blocks. */
    synchronized Contents read() throws IOException {
        Version newResolvConf = version(resolvConf);
        Version newHosts = version(hosts);
        ResolvConf conf = contents.resolvConf;
        HostsFile names = contents.hosts;
        if (!newResolvConf.equals(resolvConfVersion)) {
            conf = ResolvConf.parse(text(resolvConf));
        }
        if (!newHosts.equals(hostsVersion)) {
            names = HostsFile.parse(text(hosts));
        }
        contents = new Contents(conf, names);
        resolvConfVersion = newResolvConf;
        hostsVersion = newHosts;
        return contents;
    }

    private static Version version(Path file) throws IOException {
        try {
            return new Version(Files.getLastModifiedTime(file), Files.size(file));
        } catch (NoSuchFileException e) {
            return Version.NONE;
        }
    }

    /** Bytes, so that no line in another charset spoils the others. */
    private static String text(Path file) throws IOException {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new IOException(file + ": more than " + BYTES_MAX + " bytes");
            }
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
