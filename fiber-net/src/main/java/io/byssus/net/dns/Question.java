package io.byssus.net.dns;

import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * What is asked: the records of one type that a name has. Two are equal whatever the case of their
 * letters (RFC 4343).
 *
 * @param name absolute
 * @param type as {@link Type} has it
 */
record Question(Name name, int type) {
    @Override
    public String toString() {
        return Type.string(type) + " " + name.toString(true);
    }
}
