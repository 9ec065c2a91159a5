document.title = "besom";import "./style.css";
