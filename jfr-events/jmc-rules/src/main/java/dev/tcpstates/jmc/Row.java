// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import static dev.tcpstates.jfr.analysis.Words.address;

import dev.tcpstates.jfr.OpenedBy;
import java.util.IdentityHashMap;
import java.util.Map;
import org.openjdk.jmc.common.item.IAttribute;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IMemberAccessor;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.JfrAttributes;

/**
 * The attributes of an event; all events have one type. An attribute that the type lacks, because
 * another version of the agent wrote it, is null, 0 or false, as one without a value.
 */
final class Row {
  private final IType<IItem> type;
  private final Map<IAttribute<?>, IMemberAccessor<?, IItem>> accessors = new IdentityHashMap<>();
  private IItem item;

  Row(IType<IItem> type) {
    this.type = type;
  }

  Row at(IItem current) {
    item = current;
    return this;
  }

  String text(IAttribute<String> attribute) {
    return get(attribute);
  }

  /** Whether the attribute has this text. */
  boolean is(IAttribute<String> attribute, String expected) {
    return expected.equals(get(attribute));
  }

  boolean flag(IAttribute<Boolean> attribute) {
    return Boolean.TRUE.equals(get(attribute));
  }

  long id(IAttribute<Number> attribute) {
    Number value = get(attribute);
    return value == null ? 0 : value.longValue();
  }

  /** A plain number or, in bytes, an amount of data. */
  long number(IAttribute<IQuantity> attribute) {
    IQuantity value = get(attribute);
    return value == null ? 0 : value.longValue();
  }

  /** 0 if the value is N/A, which JMC reads as a number. */
  long nanos(IAttribute<IQuantity> attribute) {
    IQuantity value = get(attribute);
    long nanos = value == null ? 0 : value.clampedLongValueIn(UnitLookup.NANOSECOND);
    return nanos == Long.MIN_VALUE ? 0 : nanos;
  }

  /** Nanoseconds since 1970. */
  long start() {
    return time(JfrAttributes.START_TIME);
  }

  /** Nanoseconds since 1970. */
  long end() {
    return time(JfrAttributes.END_TIME);
  }

  /** The line of code that opened the socket, without its callers. */
  String line() {
    return line(text(Tcp.OPENED_BY));
  }

  static String line(String openedBy) {
    return openedBy == null ? "unknown" : OpenedBy.line(openedBy);
  }

  String local() {
    return address(text(Tcp.LOCAL_ADDRESS), (int) number(Tcp.LOCAL_PORT));
  }

  private long time(IAttribute<IQuantity> attribute) {
    IQuantity value = get(attribute);
    return value == null ? 0 : value.clampedLongValueIn(UnitLookup.EPOCH_NS);
  }

  @SuppressWarnings("unchecked") // the map holds each attribute's own accessor
  private <T> T get(IAttribute<T> attribute) {
    IMemberAccessor<?, IItem> accessor = accessors.get(attribute);
    if (accessor == null) {
      accessor = attribute.getAccessor(type);
      if (accessor == null) {
        accessor = none -> null;
      }
      accessors.put(attribute, accessor);
    }
    return (T) accessor.getMember(item);
  }
}
