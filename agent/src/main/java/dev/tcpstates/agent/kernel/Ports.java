// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.kernel;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A set of ports. Immutable. */
public final class Ports {
  /** All ports, also none. */
  public static final Ports ALL = new Ports(null);

  private static final int LAST = 65535;

  /** {@code null}: all. */
  private final BitSet ports;

  private Ports(BitSet ports) {
    this.ports = ports;
  }

  /**
   * Ports and ranges, such as {@code 80;8080-8090}.
   *
   * @throws IllegalArgumentException if it is anything else; the message says what is valid
   */
  public static Ports parse(String text) {
    Pattern form = Pattern.compile("(\\d{1,5})(?:\\s*-\\s*(\\d{1,5}))?");
    BitSet ports = new BitSet();
    for (String range : text.split(";", -1)) {
      Matcher matcher = form.matcher(range.strip());
      int first = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
      int last =
          first == 0 || matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
      if (first == 0 || last > LAST || last < first) {
        throw new IllegalArgumentException(
            "it is ports from 1 to 65535 and ranges such as 80;8080-8090");
      }
      ports.set(first, last + 1);
    }
    return new Ports(ports);
  }

  /** Those that are in both. */
  Ports and(Ports other) {
    if (ports == null || other.ports == null) {
      return ports == null ? other : this;
    }
    BitSet both = (BitSet) ports.clone();
    both.and(other.ports);
    return new Ports(both);
  }

  /** Whether a port is one of them; 0 stands for a port that is not chosen or known. */
  public boolean contains(int port) {
    return ports == null || ports.get(port);
  }

  boolean isAll() {
    return ports == null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ports that
        && (ports == null ? that.ports == null : ports.equals(that.ports));
  }

  @Override
  public int hashCode() {
    return ports == null ? 0 : ports.hashCode();
  }

  /** As {@link #parse} takes it; of all ports, nothing. */
  @Override
  public String toString() {
    List<String> ranges = new ArrayList<>();
    if (ports != null) {
      for (int first = ports.nextSetBit(0); first >= 0; ) {
        int end = ports.nextClearBit(first);
        ranges.add(end == first + 1 ? "" + first : first + "-" + (end - 1));
        first = ports.nextSetBit(end);
      }
    }
    return String.join(";", ranges);
  }
}
