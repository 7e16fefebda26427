// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jdk.jfr.SettingControl;

/**
 * A setting that leaves sockets out. It only keeps what is wanted, as text: the agent has the
 * kernel act on it, so that a socket that is left out costs nothing, and says what is not valid.
 * Thread-safe.
 */
public abstract class FilterControl extends SettingControl {
  private static final List<FilterControl> CREATED = new ArrayList<>();

  /** By default; and where nothing is wanted in particular. */
  private static final String ALL = "";

  private static volatile int changes;

  private String value = ALL;
  private String combined = ALL;

  FilterControl() {
    synchronized (CREATED) {
      CREATED.add(this);
    }
  }

  /**
   * The controls that JFR has made since the last call: those of an event type, if that was just
   * registered. JFR does not tell a control whose it is.
   */
  public static List<FilterControl> takeCreated() {
    synchronized (CREATED) {
      List<FilterControl> created = List.copyOf(CREATED);
      CREATED.clear();
      return created;
    }
  }

  /** Grows with each value that is set, of any control. */
  public static int changes() {
    return changes;
  }

  /** The setting's name. */
  public abstract String key();

  /** Several recordings get all that one of them wants. */
  @Override
  public final synchronized String combine(Set<String> values) {
    Set<String> wanted = new TreeSet<>();
    for (String one : values) {
      wanted.add(one == null ? ALL : one.strip());
    }
    combined = wanted.contains(ALL) ? ALL : String.join(";", wanted);
    return combined;
  }

  /**
   * Sets what is wanted.
   *
   * @param newValue {@code null} from JDK 17 for what {@link #combine} has returned
   */
  @Override
  public final synchronized void setValue(String newValue) {
    value = newValue == null ? combined : newValue.strip();
    combined = ALL;
    synchronized (CREATED) {
      changes++;
    }
  }

  @Override
  public final synchronized String getValue() {
    return value;
  }
}
