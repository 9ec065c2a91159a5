#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hugging Face's Trainer with report_to="wandb": a tiny BERT with random weights reads digits as 64 words."""
import argparse

import torch
from sklearn.datasets import load_digits
from torch.utils.data import Dataset
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments


class Digits(Dataset):
    def __init__(self, first, last):
        digits = load_digits()
        self.words = torch.tensor(digits.data[first:last], dtype=torch.long)
        self.labels = torch.tensor(digits.target[first:last])

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        return {"input_ids": self.words[i], "labels": self.labels[i]}


def accuracy(predictions):
    return {"accuracy": float((predictions.predictions.argmax(-1) == predictions.label_ids).mean())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--learning_rate", type=float, default=0.005)
    parser.add_argument("--max_steps", type=int, default=30)
    args = parser.parse_args()

    model = BertForSequenceClassification(BertConfig(
        vocab_size=17, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64, num_labels=10))
    trainer = Trainer(
        model=model,
        args=TrainingArguments(
            output_dir="results", report_to="wandb", learning_rate=args.learning_rate, max_steps=args.max_steps,
            per_device_train_batch_size=32, logging_steps=5, eval_strategy="steps", eval_steps=10,
            save_strategy="no", use_cpu=True, disable_tqdm=True, seed=0),
        train_dataset=Digits(0, 1200), eval_dataset=Digits(1200, 1500), compute_metrics=accuracy)
    trainer.train()


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
