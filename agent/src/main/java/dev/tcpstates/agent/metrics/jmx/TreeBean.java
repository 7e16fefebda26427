// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.metrics.jmx;

import java.util.Map;
import java.util.function.Supplier;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.ImmutableDescriptor;
import javax.management.MBeanInfo;
import javax.management.openmbean.OpenMBeanAttributeInfo;
import javax.management.openmbean.OpenMBeanAttributeInfoSupport;
import javax.management.openmbean.OpenMBeanInfoSupport;

/**
 * An MBean that can be read only, with attributes of open types. Clients see an MXBean, for which
 * they need none of the agent's classes. Thread-safe.
 */
final class TreeBean implements DynamicMBean {
  private final String description;
  private final Supplier<Map<String, Object>> attributes;

  /**
   * @param attributes returns the attributes of now
   */
  TreeBean(String description, Supplier<Map<String, Object>> attributes) {
    this.description = description;
    this.attributes = attributes;
  }

  @Override
  public Object getAttribute(String name) throws AttributeNotFoundException {
    Object value = attributes.get().get(name);
    if (value == null) {
      throw new AttributeNotFoundException(name);
    }
    return OpenValues.open(name, value);
  }

  @Override
  public AttributeList getAttributes(String[] names) {
    Map<String, Object> values = attributes.get();
    AttributeList list = new AttributeList();
    for (String name : names) {
      if (values.containsKey(name)) {
        list.add(new Attribute(name, OpenValues.open(name, values.get(name))));
      }
    }
    return list;
  }

  @Override
  public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
    throw new AttributeNotFoundException(attribute.getName() + " can't be written");
  }

  @Override
  public AttributeList setAttributes(AttributeList list) {
    return new AttributeList();
  }

  @Override
  public Object invoke(String action, Object[] parameters, String[] signature) {
    throw new UnsupportedOperationException(action);
  }

  @Override
  public MBeanInfo getMBeanInfo() {
    OpenMBeanAttributeInfo[] infos =
        attributes.get().entrySet().stream()
            .map(
                entry ->
                    new OpenMBeanAttributeInfoSupport(
                        entry.getKey(),
                        entry.getKey(),
                        OpenValues.type(entry.getKey(), entry.getValue()),
                        true,
                        false,
                        false))
            .toArray(OpenMBeanAttributeInfo[]::new);
    return new OpenMBeanInfoSupport(
        TreeBean.class.getName(),
        description,
        infos,
        null,
        null,
        null,
        new ImmutableDescriptor("mxbean=true", "immutableInfo=false"));
  }
}
