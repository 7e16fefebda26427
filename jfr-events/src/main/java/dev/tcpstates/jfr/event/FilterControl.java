// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jfr.event;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jdk.jfr.SettingControl;

/**
 * A setting that filters sockets. It only keeps the value, as text. The agent checks it and passes
 * it to the kernel, so that an excluded socket costs nothing. Thread-safe.
 */
public abstract class FilterControl extends SettingControl {
  private static final List<FilterControl> CREATED = new ArrayList<>();

  /** The default, which includes every socket. */
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
   * Returns the controls that JFR has created since the last call. After the registration of an
   * event type, they are the controls of that type; a control does not know its event type itself.
   */
  public static List<FilterControl> takeCreated() {
    synchronized (CREATED) {
      List<FilterControl> created = List.copyOf(CREATED);
      CREATED.clear();
      return created;
    }
  }

  /** Increases with each value that is set, of any control. */
  public static int changes() {
    return changes;
  }

  /** The setting's name. */
  public abstract String key();

  /** Includes every socket that at least one of several recordings includes. */
  @Override
  public final synchronized String combine(Set<String> values) {
    Set<String> included = new TreeSet<>();
    for (String one : values) {
      included.add(one == null ? ALL : one.strip());
    }
    combined = included.contains(ALL) ? ALL : String.join(";", included);
    return combined;
  }

  /**
   * Sets the value.
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
