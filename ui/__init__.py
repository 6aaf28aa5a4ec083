"""The planner's app: a Streamlit front to the public API of `optimizer`."""
